"""Which lines are lost in the check of lost Events. Not here: the derivations and their comparison, which need a recorded cluster (`make truth`)."""

from __future__ import annotations

import json

import pytest

from bench.truth.drop_check import is_event_line, thinned


def _line(resource: str, verb: str) -> bytes:
    return json.dumps({"verb": verb, "objectRef": {"resource": resource}, "user": {"username": "events"}}).encode()


@pytest.mark.parametrize(
    ("resource", "verb", "expected"), [("events", "create", True), ("events", "patch", True), ("events", "list", False), ("pods", "create", False)]
)
def test_the_writes_of_events_are_event_lines(resource: str, verb: str, expected: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert is_event_line(_line(resource, verb)) is expected


def test_about_half_of_the_events_are_lost_and_nothing_else_and_the_seed_says_which() -> None:
    lines = [(str(number).encode(), number % 2 == 0) for number in range(2000)]
    kept = list(thinned(lines, 1))
    assert [line for line, is_event in lines if not is_event] == [line for line in kept if int(line) % 2]
    assert 400 < sum(int(line) % 2 == 0 for line in kept) < 600
    assert kept == list(thinned(lines, 1))
    assert kept != list(thinned(lines, 2))
