"""Rollouts as the pods of the watch show them, and the check that compares a lake with them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest

from bench.truth.audit import AuditLog
from bench.truth.corpus import Run
from bench.truth.rollout_check import check_rollouts
from bench.truth.rollouts import finished_jobs, follow_workloads
from bench.truth.truth import Truth
from bench.truth.watch import follow
from lake_schema import TABLES
from tests.truth.frames import START, Row, frame, full_row, ready, stamp

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


def _pod(at_s: float, uid: str, revision: str = "new", *, is_ready: bool = False, born_s: float = 5, kind: str = "MODIFIED", **meta: object) -> Row:
    owner = {"kind": "ReplicaSet", "name": f"web-{revision}", "uid": f"rs-{revision}", "controller": True}
    labels = {"pod-template-hash": revision}
    status = {"conditions": [ready(at_s)]} if is_ready else {}
    return frame(
        at_s,
        kind=kind,
        status=status,
        meta={"uid": uid, "name": uid, "creationTimestamp": stamp(born_s), "ownerReferences": [owner], "labels": labels} | meta,
    )


# An old pod makes way for two new ones.
_FRAMES = [
    _pod(1, "old", "old", is_ready=True, born_s=0),
    _pod(6, "a"),
    _pod(7, "b"),
    _pod(9, "a", is_ready=True),
    _pod(11, "b", is_ready=True),
    _pod(12, "old", "old", is_ready=True, born_s=0, deletionTimestamp=stamp(42)),
]


def _at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_a_rollout_is_complete_when_its_pods_are_ready_and_no_other_is_left() -> None:
    [workload] = follow_workloads(_FRAMES).values()
    assert (workload.kind, workload.name) == ("Deployment", "web")
    assert {member.uid for member in workload.of("new")} == {"a", "b"}
    assert workload.completed_at("new", 2, START) == _at(12)
    assert workload.completed_at("new", 3, START) is None
    assert workload.completed_at("old", 1, START) == _at(1)


def test_jobs_end_by_their_condition() -> None:
    conditions = [
        {"type": "SuccessCriteriaMet", "status": "True", "lastTransitionTime": stamp(8)},
        {"type": "Complete", "status": "True", "lastTransitionTime": stamp(9)},
    ]
    jobs = [{"kind": "Job", "metadata": {"uid": "j"}, "status": {"conditions": conditions}}, {"kind": "Job", "metadata": {"uid": "k"}}]
    assert finished_jobs({"items": jobs}) == {"j": ("complete", _at(9))}
    assert finished_jobs({}) == {}


def _found(tmp_path: Path, spoil: Row | None) -> list[str]:
    """What is found in a lake with both rollouts of the frames, of which the new one is spoilt, or left out."""
    truth = Truth(
        Run("r", tmp_path, "c"), follow(_FRAMES), {}, AuditLog(last_at=_at(3600)), {}, {}, {}, [], [], {}, workloads=follow_workloads(_FRAMES)
    )
    right = {"rollout_id": "r", "kind": "Deployment", "namespace": "shop", "name": "web", "state": "complete", "uid": "d"}
    old = right | {"revision": "old", "started_at": START, "ended_at": _at(1), "pods_wanted": 1, "pods_created": 1, "pods_delivered": 1}
    new = right | {"revision": "new", "started_at": _at(5), "ended_at": _at(12.1), "pods_wanted": 2, "pods_created": 2, "pods_delivered": 2}
    rows = [old] if spoil is None else [old, new | spoil]
    table = pl.DataFrame([full_row("rollouts", row) for row in rows], TABLES["rollouts"].polars_schema())
    return [f"{finding.subject}: {finding.text}" for finding in check_rollouts(truth, table).findings]


@pytest.mark.parametrize(
    ("spoil", "fragment"),
    [
        (None, "no rollout of new"),
        ({"pods_created": 3}, "truth 2, ours 3"),
        ({"pods_delivered": 1}, "truth 2, ours 1"),
        ({"ended_at": _at(60)}, "the watch shows it complete at 07:00:12"),
        ({"ended_at": _at(5)}, "the watch shows it complete at 07:00:12"),
        ({"state": "failed", "ended_at": _at(600)}, "the watch shows it complete at"),
        ({"pods_wanted": 3}, "the watch shows it complete at None"),
    ],
)
def test_each_mistake_about_a_rollout_is_found(tmp_path: Path, spoil: Row | None, fragment: str) -> None:
    assert _found(tmp_path, {}) == []
    assert any(fragment in text for text in _found(tmp_path, spoil))
