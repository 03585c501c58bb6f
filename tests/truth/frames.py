"""Watch frames and lakes made by hand for the tests of the comparison.

Here: `frame`, one frame of a pod; `write_perfect_lake`, a lake that says what the oracle says. Not here: any test.
"""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from bench.truth.api_check import calls_of
from bench.truth.corpus import audit_files, instant, raw_lines
from bench.truth.expected import expect_create, expect_delete
from bench.truth.milestone_check import startups_by_pod
from bench.truth.oracle import DELETE_LIMITS_S, init_extension_s, is_settled, judge_create, judge_delete
from bench.truth.startup_check import go_seconds, moment
from lake_schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bench.truth.expected import Expectation, Expectations
    from bench.truth.truth import Truth
    from bench.truth.watch import Pod

START = datetime(2026, 11, 23, 7, 0, 0, tzinfo=UTC)
Row = dict[str, Any]
_STATES = {"SUCCESS": "delivered", "KILL": "killed", "FAIL": "failed", "PENDING": "pending"}
_FILLERS = {pa.string(): "", pa.bool_(): False, pa.int64(): 0, pa.float64(): 0.0, pa.timestamp("us", tz="UTC"): START}


def frame(
    at_s: float, *, kind: str = "MODIFIED", restart: str = "Always", meta: Row | None = None, spec: Row | None = None, status: Row | None = None
) -> Row:
    """One frame of one pod with one container `app`, `at_s` seconds after `START`, when it was created."""
    base = {"uid": "u-1", "namespace": "shop", "name": "web-0", "resourceVersion": str(int(at_s * 1000) + 1), "creationTimestamp": stamp(0)}
    return {
        "observed_at": f"{START + timedelta(seconds=at_s):%Y-%m-%dT%H:%M:%S.%fZ}",
        "type": kind,
        "object": {
            "metadata": base | (meta or {}),
            "spec": {"restartPolicy": restart, "containers": [{"name": "app", "image": "web:1"}]} | (spec or {}),
            "status": status or {},
        },
    }


def stamp(at_s: float) -> str:
    """A Kubernetes timestamp, `at_s` seconds after `START`."""
    return f"{START + timedelta(seconds=at_s):%Y-%m-%dT%H:%M:%SZ}"


def ready(at_s: float) -> Row:
    """A condition Ready that turned True."""
    return {"type": "Ready", "status": "True", "lastTransitionTime": stamp(at_s)}


def ended(code: int, start_s: float, end_s: float) -> Row:
    """The status of a container `app` that ran and ended."""
    return {"name": "app", "state": {"terminated": {"exitCode": code, "reason": "Error", "startedAt": stamp(start_s), "finishedAt": stamp(end_s)}}}


def write_perfect_lake(truth: Truth, expectations: Expectations, folder: Path) -> dict[str, list[Row]]:
    """Writes a lake that says what the oracle says, and returns its rows so that a test can spoil them."""
    rows: dict[str, list[Row]] = {"sources": _sources(truth), "deliveries": [], "verdicts": []}
    for pod in truth.pods.values():
        scenario = truth.scenario_pods[pod.uid]["scenario"]
        _add(rows, truth, pod, "pod_create", expect_create(truth, pod, scenario, expectations), expectations)
        if "deleted" in pod.seen:
            _add(rows, truth, pod, "pod_delete", expect_delete(pod), expectations)
    _add_startups(rows, truth)
    _add_calls(rows, truth)
    rows["rollouts"] = list(_rollouts(truth))
    for number, refusal in enumerate(truth.audit.refusals):
        code = expectations.refused_as(refusal.code, refusal.message)
        values = {"delivery_id": f"refused-{number}", "kind": "pod_create", "namespace": refusal.namespace, "name": refusal.name, "attempts": 1}
        blamed = {"error_code": code, "fault": min(expectations.faults[code]), "message": refusal.message, "code": refusal.code}
        rows["deliveries"].append(full_row("deliveries", values | blamed | {"state": "failed"}))
    write_lake(rows, truth.run.cluster, folder)
    return rows


def write_lake(rows: dict[str, list[Row]], cluster: str, folder: Path) -> None:
    """One Parquet file per table."""
    for table, content in rows.items():
        path = folder / table / f"cluster={cluster}" / "data.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(content, schema=TABLES[table].arrow_schema()), path)


def full_row(table: str, values: Row) -> Row:
    """A row with all of a table's columns; those that must not be null are filled."""
    empty = {c.name: None if c.nullable else _FILLERS.get(c.type, []) for c in TABLES[table].columns}
    return empty | values


def _sources(truth: Truth) -> list[Row]:
    values = [{"uri": f"{truth.run.folder}/audit/{name}", "lines": lines, "kept": lines} for name, lines in truth.audit.lines.items()]
    return [full_row("sources", value) for value in values]


def _add(rows: dict[str, list[Row]], truth: Truth, pod: Pod, kind: str, expected: Expectation, expectations: Expectations) -> None:
    identity = {"delivery_id": f"{kind}-{pod.uid}", "kind": kind, "uid": pod.uid, "namespace": pod.namespace, "name": pod.name, "attempts": 1}
    code = None if None in expected.codes else min(code for code in expected.codes if code)
    blamed = {"error_code": code, "fault": min(expectations.faults[code]) if code else None}
    judged = _judgements(truth, pod, kind)
    state = "delivered" if kind == "pod_delete" or pod.delivered_at else _STATES[judged["wall"][0]]
    values = (
        identity
        | blamed
        | _milestones(pod, kind)
        | {"state": state, "settled": is_settled(pod, truth.audit.last_at) if kind == "pod_create" else None}
    )
    rows["deliveries"].append(full_row("deliveries", values))
    for objective, (verdict, limit_s) in judged.items():
        row = {"delivery_id": identity["delivery_id"], "kind": kind, "objective": objective, "verdict": verdict, "limit_s": limit_s}
        rows["verdicts"].append(full_row("verdicts", row))


def _add_startups(rows: dict[str, list[Row]], truth: Truth) -> None:
    """What the kubelets say of the starts."""
    creates = {row["uid"]: row for row in rows["deliveries"] if row["kind"] == "pod_create"}
    for pod, told in startups_by_pod(truth):
        row, shown_at = creates[pod.uid], moment(told["observedRunningTime"])
        # The frame of the create may come later than the second that the object keeps.
        started_at = min(row["started_at"], moment(told["podCreationTimestamp"]) + timedelta(seconds=1))
        paused_s = go_seconds(told["totalImagesPullingTime"]) + go_seconds(told["totalInitContainerRuntime"])
        startup_s = (shown_at - started_at).total_seconds() - paused_s
        row |= {"started_at": started_at, "started_uncertainty_ms": 0.0, "containers_shown_at": shown_at, "startup_s": startup_s}


def _rollouts(truth: Truth) -> Iterator[Row]:
    """Each revision with its pods; whether it was complete is left open."""
    for workload in truth.workloads.values():
        for uid, revision in {(member.controller_uid, member.revision) for member in workload.members.values()}:
            members = [member for member in workload.of(revision) if member.controller_uid == uid]
            yield full_row(
                "rollouts",
                {"rollout_id": uid, "kind": workload.kind, "namespace": workload.namespace, "name": workload.name, "uid": uid, "revision": revision}
                | {"started_at": min(member.created_at for member in members), "state": "pending", "pods_created": len(members)}
                | {"pods_delivered": sum(truth.pods[member.uid].delivered_at is not None for member in members)},
            )


def _add_calls(rows: dict[str, list[Row]], truth: Truth) -> None:
    """The log's answered requests, and the minutes that they add up to."""
    events = [json.loads(line) for path in audit_files(truth.run.folder) for line in raw_lines(path)]
    rows["audit_events"] = [_request(event) for event in events if event["stage"] != "RequestReceived"]
    minutes: defaultdict[tuple[Any, ...], list[float]] = defaultdict(list)
    for call in calls_of(pl.from_arrow(pa.Table.from_pylist(rows["audit_events"], schema=TABLES["audit_events"].arrow_schema()))):
        group, resource, subresource, _, scope = call.key
        minutes[call.answered_at.replace(second=0, microsecond=0), group, resource, subresource, call.verb, scope].append(call.spent_s)
    names = ("bucket_at", "api_group", "resource", "subresource", "verb", "scope")
    rows["api_calls_minutely"] = [
        full_row("api_calls_minutely", dict(zip(names, key, strict=True)) | {"count": len(spent), "max_s": max(spent)})
        for key, spent in minutes.items()
    ]


def _request(event: Row) -> Row:
    target = event.get("objectRef", {})
    values = {
        "audit_id": event["auditID"],
        "stage": event["stage"],
        "verb": event["verb"],
        "api_group": target.get("apiGroup"),
        **{name: target.get(name) for name in ("resource", "subresource", "namespace", "name")},
        "received_at": instant(event["requestReceivedTimestamp"]),
        "stage_at": instant(event["stageTimestamp"]),
        "is_dry_run": "dryRun=All" in event["requestURI"],
        "annotations": json.dumps(event.get("annotations"), separators=(",", ":")),
    }
    return full_row("audit_events", values)


def _judgements(truth: Truth, pod: Pod, kind: str) -> dict[str, tuple[str, float]]:
    if kind == "pod_create":
        judgement = judge_create(pod, init_extension_s(pod, truth.events.get(pod.uid)), truth.audit.last_at)
        return {"wall": (judgement.verdict, judgement.limit_s)}
    judged = {name: judge_delete(pod, limit_s, truth.audit.last_at) for name, limit_s in DELETE_LIMITS_S.items()}
    return {name: (judgement.verdict, judgement.limit_s) for name, judgement in judged.items() if judgement}


def _milestones(pod: Pod, kind: str) -> Row:
    values: Row = {"started_at": pod.at("created" if kind == "pod_create" else "deleted"), "gone_at": pod.at("gone"), "deleted_at": pod.at("deleted")}
    for fact in ("bound", "sandbox_ready", "containers_started", "ready"):
        sighting = pod.seen.get(fact)
        stamped = sighting.stamp if sighting and fact in ("sandbox_ready", "containers_started") else None
        values[f"{fact}_at"] = stamped or (sighting.at if sighting else None)
    return values
