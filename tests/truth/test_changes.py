"""Upgrades in place and claims as watch streams show them, and the check that compares a lake with them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest

from bench.truth.audit import AuditLog
from bench.truth.change_check import check_changes
from bench.truth.changes import Change, follow_changes, follow_claims
from bench.truth.corpus import Run
from bench.truth.expected import Expectations
from bench.truth.truth import Truth
from lake_schema import TABLES
from tests.truth.frames import START, Row, frame, full_row, stamp

if TYPE_CHECKING:
    from pathlib import Path


def _pod(at_s: float, image: str, *, restarts: int = 0, ready: bool = True, cpu: str = "1", shown: str = "1", meta: Row | None = None) -> Row:
    spec = {"nodeName": "n1", "containers": [{"name": "app", "image": image, "resources": {"requests": {"cpu": cpu}}}]}
    status = {"name": "app", "restartCount": restarts, "ready": ready, "containerID": "c://1", "resources": {"requests": {"cpu": shown}}}
    return frame(at_s, spec=spec, status={"containerStatuses": [status]}, meta=meta)


def _seconds(change: Change) -> tuple[float | None, float | None]:
    done, ended = ((at - START).total_seconds() if at else None for at in (change.done_at, change.ended_at))
    return done, ended


def test_a_new_image_runs_with_the_next_run_that_is_ready() -> None:
    """The old run is ready too, and says nothing."""
    frames = [_pod(1, "web:1"), _pod(5, "web:2"), _pod(6, "web:2"), _pod(7, "web:2", restarts=1, ready=False), _pod(8, "web:2", restarts=1)]
    [change] = follow_changes(frames)
    assert (change.images, change.runs) == ({"app"}, {"app": 1})
    assert _seconds(change) == (8, None)


def test_new_resources_are_there_when_the_status_shows_them() -> None:
    """Without a restart."""
    [change] = follow_changes([_pod(1, "web:1"), _pod(5, "web:1", cpu="2"), _pod(9, "web:1", cpu="2", shown="2")])
    assert (change.images, _seconds(change)) == (set(), (9, None))


def test_another_change_or_a_delete_ends_it() -> None:
    """Each at its own frame."""
    going = {"deletionTimestamp": stamp(40), "deletionGracePeriodSeconds": 30}
    changes = follow_changes([_pod(1, "web:1"), _pod(5, "web:2"), _pod(7, "web:3"), _pod(10, "web:3", meta=going)])
    assert [_seconds(change) for change in changes] == [(None, 7), (None, 10)]


def test_a_claim_that_waits_counts_from_its_first_consumer() -> None:
    """Bound by the binder's annotation or by its phase."""
    meta = {"uid": "c-1", "namespace": "data", "name": "disk"}
    bound = {"metadata": meta | {"annotations": {"pv.kubernetes.io/bind-completed": "yes"}}, "status": {"phase": "Pending"}}
    seen = [frame(0, kind="ADDED") | {"object": {"metadata": meta, "status": {"phase": "Pending"}}}, frame(25) | {"object": bound}]
    pod = frame(20, meta={"uid": "p-1", "namespace": "data"}, spec={"volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "disk"}}]})
    event = frame(1) | {"object": {"involvedObject": {"uid": "c-1"}, "reason": "WaitForFirstConsumer"}}
    error = {"observed_at": "2026-11-23T07:00:30Z", "type": "ERROR", "object": {"metadata": {}}}
    [claim] = follow_claims([*seen, error], [pod, error], [event]).values()
    assert claim.done_at is not None
    assert [(at - START).total_seconds() for at in (claim.created_at, claim.started_at, claim.done_at)] == [0, 20, 25]
    assert claim.pod_uids == ["p-1"]


def _section(tmp_path: Path, spoil: Row | None) -> list[str]:
    """What is found in a lake with one upgrade, which the watch saw from 5 s to 8 s; `spoil` None is a lake without it."""
    changes = follow_changes([_pod(1, "web:1"), _pod(5, "web:2"), _pod(8, "web:2", restarts=1)])
    log = AuditLog(last_at=START + timedelta(hours=1))
    truth = Truth(Run("r", tmp_path, "c"), {}, {}, log, {}, {}, {}, [], changes, {})
    right = {"delivery_id": "d", "kind": "pod_upgrade", "uid": "u-1", "state": "delivered", "verdict": "SUCCESS", "objective": "wall"}
    right |= {"started_at": START + timedelta(seconds=5), "delivered_at": START + timedelta(seconds=8)}
    rows = [] if spoil is None else [right | spoil]
    deliveries, verdicts = (
        pl.DataFrame(
            [full_row(table, {k: v for k, v in row.items() if k in TABLES[table].column_names}) for row in rows], TABLES[table].polars_schema()
        )
        for table in ("deliveries", "verdicts")
    )
    section = check_changes(truth, deliveries, verdicts, Expectations({}, [], {}))
    return [f"{finding.subject}: {finding.text}" for finding in section.findings]


@pytest.mark.parametrize(
    ("spoil", "fragment"),
    [
        (None, "no delivery of the change"),
        ({"started_at": START + timedelta(minutes=5)}, "no delivery of the change"),
        ({"delivered_at": START + timedelta(seconds=38)}, "the watch saw it 07:00:08"),
        ({"verdict": "FAIL"}, "truth SUCCESS, ours FAIL"),
        ({"error_code": "ImageNotFound"}, "expected null, got ImageNotFound"),
        ({"uid": "u-2"}, "that the watch does not show"),
    ],
)
def test_each_mistake_about_an_upgrade_is_found(tmp_path: Path, spoil: Row | None, fragment: str) -> None:
    """A right lake has none."""
    assert _section(tmp_path, {}) == []
    assert any(fragment in text for text in _section(tmp_path, spoil))
