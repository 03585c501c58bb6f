"""The time of arrival, on the server's clock."""

from __future__ import annotations

from email.utils import formatdate
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sources.live import Clock

if TYPE_CHECKING:
    from tests.sources.live.api_server import ApiServer
    from tests.sources.live.conftest import Collect


def answer(clock: Clock, offset_s: float, sent_s: float, took_s: float, written: float) -> None:
    """An answer of a server whose clock is so far ahead, written at a fraction of the way."""
    clock.learn(formatdate(int(sent_s + took_s * written + offset_s), usegmt=True), sent_s, sent_s + took_s)


@given(st.floats(-0.99, 0.99), st.lists(st.tuples(st.floats(0, 1), st.floats(0, 2), st.floats(0, 1)), max_size=5))
def test_a_clock_that_may_be_right_is_left_alone(offset_s: float, answers: list[tuple[float, float, float]]) -> None:
    clock = Clock()
    for fraction, took_s, written in answers:
        answer(clock, offset_s, 1_800_000_000 + fraction, took_s, written)
    # It is moved only as far as an answer shows that it must be, and never beyond the truth.
    assert min(0, offset_s) - 1e-6 <= clock.correction_s <= max(0, offset_s) + 1e-6


@given(st.floats(-1e5, 1e5), st.lists(st.tuples(st.floats(0, 1), st.floats(0, 2), st.floats(0, 1)), min_size=1, max_size=5))
def test_a_clock_that_is_wrong_is_moved_to_within_a_second_of_the_servers(offset_s: float, answers: list[tuple[float, float, float]]) -> None:
    clock = Clock()
    for fraction, took_s, written in answers:
        answer(clock, offset_s, 1_800_000_000 + fraction, took_s, written)
    assert abs(clock.correction_s - offset_s) <= 1 + max(took_s for _, took_s, _ in answers) + 1e-6


def test_servers_on_two_clocks_do_not_stop_it() -> None:
    clock = Clock()
    answer(clock, 0, 1_800_000_000.5, 0, 0)
    answer(clock, 100, 1_800_000_001.5, 0, 0)
    assert 99 <= clock.correction_s <= 100


@pytest.mark.parametrize("date", [None, "", "yesterday", "Mon, 99 Nov 2026 07:00:00 GMT"])
def test_what_is_no_date_teaches_nothing(date: str | None) -> None:
    clock = Clock()
    clock.learn(date, 0, 0)
    assert clock.correction_s == 0


def test_arrivals_are_on_the_clock_of_the_server(server: ApiServer, collect: Collect) -> None:
    at_s = 1_795_417_200
    server.date = lambda: formatdate(at_s, usegmt=True)
    (stamp,) = {frame["observed_at"] for frame in collect(server).frames}
    assert stamp.startswith("2026-11-23T07:00:0")


def test_it_never_goes_back() -> None:
    clock = Clock()
    ahead = clock.now()
    answer(clock, -3600, clock.local_s(), 0, 0)
    assert clock.correction_s < -3598
    assert clock.now() >= ahead
