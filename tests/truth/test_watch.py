"""The oracle's reading of watch streams, on frames made by hand and on real ones.

Not here: verdicts (`test_oracle`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bench.truth.corpus import records
from bench.truth.watch import follow
from tests.truth.frames import START, ended, frame, ready, stamp

if TYPE_CHECKING:
    from pathlib import Path


def test_the_first_frame_that_shows_a_fact_is_its_milestone() -> None:
    """A flap of Ready is no second milestone."""
    frames = [
        frame(0.1, kind="ADDED"),
        frame(0.2, spec={"nodeName": "n1"}),
        frame(3.0, spec={"nodeName": "n1"}, status={"conditions": [ready(2)]}),
        frame(9.0, spec={"nodeName": "n1"}, status={"conditions": [ready(8)]}),
    ]
    pod = follow(frames)["u-1"]
    assert pod.node == "n1"
    assert {fact: (s.at - START).total_seconds() for fact, s in pod.seen.items()} == {"created": 0.1, "bound": 0.2, "ready": 3.0}


def test_a_container_that_never_started_has_no_start() -> None:
    """A StartError carries a start in 1970."""
    status = {
        "containerStatuses": [
            {"name": "app", "state": {"terminated": {"exitCode": 128, "startedAt": "1970-01-01T00:00:00Z", "finishedAt": stamp(2)}}}
        ]
    }
    pod = follow([frame(0, kind="ADDED"), frame(3, status=status)])["u-1"]
    assert "containers_started" not in pod.seen


def test_a_short_run_started_when_its_end_says_so() -> None:
    """Pending to Failed in one patch."""
    frames = [frame(0, kind="ADDED", restart="Never"), frame(9, restart="Never", status={"phase": "Failed", "containerStatuses": [ended(3, 4, 6)]})]
    pod = follow(frames)["u-1"]
    assert pod.delivered_at == START + timedelta(seconds=5)
    assert pod.at("failed") == START + timedelta(seconds=9)


def test_a_frame_of_a_list_only_says_since_the_break() -> None:
    """After a broken watch the list tells what has become of a pod, not when."""
    frames = [
        frame(0, kind="ADDED"),
        {"observed_at": stamp(5), "type": "ERROR", "object": {}},
        frame(70, kind="LISTED", status={"conditions": [ready(30)]}),
    ]
    sighting = follow(frames)["u-1"].seen["ready"]
    assert (sighting.since, sighting.at) == (START, START + timedelta(seconds=70))


def test_an_unbound_pod_is_deleted_and_gone_at_once() -> None:
    """Nothing shows a deletionTimestamp before the last frame."""
    pod = follow([frame(0, kind="ADDED"), frame(8, kind="DELETED")])["u-1"]
    assert pod.at("deleted") == pod.at("gone") == START + timedelta(seconds=8)


def test_a_used_name_is_three_pods(corpus: Path) -> None:
    """real-a2 creates `phoenix` three times."""
    pods = [pod for pod in follow(records(corpus / "real-a2", "pods-watch.jsonl")).values() if pod.name == "phoenix"]
    assert [pod.delivered_at is not None and "gone" in pod.seen for pod in pods] == [True, True, True]


def test_ready_after_delete_delivers_nothing(corpus: Path) -> None:
    """real-a's `scorer-1` was deleted in the middle of its pull and still became Ready."""
    [pod] = [pod for pod in follow(records(corpus / "real-a", "pods-watch.jsonl")).values() if pod.name == "scorer-1"]
    assert "ready" in pod.seen
    assert pod.delivered_at is None
