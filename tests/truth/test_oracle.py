"""The stopwatch: verdicts, settling and expectations from frames made by hand.

Not here: the comparison with a lake (`test_comparison`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bench.truth.events import PodEvents
from bench.truth.oracle import init_extension_s, is_settled, judge_create, judge_delete
from bench.truth.startup_check import go_seconds
from bench.truth.watch import follow
from tests.truth.frames import START, Row, ended, frame, ready, stamp

if TYPE_CHECKING:
    from bench.truth.watch import Pod

LATER = START + timedelta(hours=2)


def _pod(*frames: Row) -> Pod:
    return follow([frame(0, kind="ADDED"), *frames])["u-1"]


READY = frame(5, status={"conditions": [ready(4)]})


def _deleted(at_s: float) -> Row:
    return {"deletionTimestamp": stamp(at_s + 30), "deletionGracePeriodSeconds": 30}


DELETED = _deleted(10)


@pytest.mark.parametrize(
    ("frames", "log_end_s", "verdict"),
    [
        ([READY], 7200, "SUCCESS"),
        ([frame(481, status={"conditions": [ready(480)]})], 7200, "FAIL"),
        ([frame(9, status={"phase": "Failed"})], 7200, "FAIL"),
        ([frame(10, meta=DELETED)], 7200, "KILL"),
        ([frame(10, meta=DELETED), frame(20, meta=DELETED, status={"conditions": [ready(19)]})], 7200, "KILL"),
        ([frame(500, meta=_deleted(500))], 7200, "FAIL"),
        ([], 479, "PENDING"),
    ],
)
def test_what_comes_first_decides_a_creation(frames: list[Row], log_end_s: int, verdict: str) -> None:
    """Delivered, failed, deleted, deadline or end of the log."""
    assert judge_create(_pod(*frames), 0, START + timedelta(seconds=log_end_s)).verdict == verdict


def test_init_time_extends_the_limit() -> None:
    """From the first pull of an init image to Initialized."""
    condition = {"type": "Initialized", "status": "True", "lastTransitionTime": stamp(12)}
    pod = follow([frame(0, kind="ADDED", spec={"initContainers": [{"name": "init"}]}), frame(12, status={"conditions": [condition]})])["u-1"]
    events = PodEvents(init_pull_at=START + timedelta(seconds=2))
    assert init_extension_s(pod, events) == 10
    assert judge_create(pod, 10, LATER).limit_s == 490


def test_a_deletion_is_judged_at_its_limits() -> None:
    """Gone after 700 s is too late for 10 minutes and in time for an hour."""
    pod = _pod(frame(10, meta=DELETED), frame(710, kind="DELETED", meta=DELETED))
    verdicts = [judge_delete(pod, limit_s, LATER) for limit_s in (600, 3600)]
    assert [v.verdict for v in verdicts if v] == ["FAIL", "SUCCESS"]
    assert judge_delete(_pod(), 600, LATER) is None


def test_settling_is_open_while_the_log_may_still_tell() -> None:
    """The log ends 55 s after the delivery."""
    assert is_settled(_pod(READY), START + timedelta(seconds=60)) is None


@pytest.mark.parametrize(
    ("frames", "settled"),
    [
        ([], None),
        ([READY], True),
        ([READY, frame(30, status={"containerStatuses": [ended(0, 3, 29)]})], False),
        ([READY, frame(90, status={"containerStatuses": [ended(1, 3, 89)]})], True),
        ([READY, frame(9.5, status={"containerStatuses": [ended(1, 3, 9.9)]}), frame(10.2, meta=DELETED)], False),
        ([READY, frame(10, meta=DELETED), frame(12, meta=DELETED, status={"containerStatuses": [ended(137, 3, 11)]})], True),
        (
            [READY, frame(9, spec={"containers": [{"name": "app", "image": "web:2"}]}), frame(12, status={"containerStatuses": [ended(0, 3, 11)]})],
            True,
        ),
    ],
)
def test_what_breaks_within_a_minute_was_not_settled(frames: list[Row], *, settled: bool | None) -> None:
    """But not what a deletion or a change of image stopped."""
    assert is_settled(_pod(*frames), LATER) is settled


@pytest.mark.parametrize(("text", "seconds"), [("1m2.5s", 62.5), ("637.5ms", 0.6375), ("0s", 0), ("2.25", 2.25), ("250µs", 0.00025)])
def test_go_durations(text: str, seconds: float) -> None:
    """The kubelet logs both shapes."""
    assert go_seconds(text) == pytest.approx(seconds)
