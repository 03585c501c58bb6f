"""The truth about one run, gathered once for all checks.

Here: `Truth` and `read_truth`. Not here: how each part is computed (`watch`, `audit`, `events`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.truth.audit import AuditLog, read_audit
from bench.truth.changes import Change, Claim, follow_changes, follow_claims
from bench.truth.corpus import Json, Run, document_if_any, records, records_if_any
from bench.truth.events import PodEvents, complaints, unready_nodes
from bench.truth.rollouts import Workload, finished_jobs, follow_workloads
from bench.truth.watch import Pod, Sighting, follow

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Truth:
    """What is known about a run without the product.

    Args:
        run: The run.
        pods: The pods that the watch saw, by uid.
        frames: Arrival of each live frame, by uid and `resourceVersion`.
        audit: Facts of the raw audit log.
        events: Events by the uid that they are about.
        unready: Per node, the arrivals of frames that show it not Ready.
        scenario_pods: The records of level `pod`, by uid.
        startups: The kubelets' own numbers.
        changes: Upgrades in place that the watch saw.
        claims: PersistentVolumeClaims that the watch saw, by uid.
        workloads: Workloads by kind, namespace and name, with the pods that the watch saw of them.
        finished_jobs: How the Jobs ended that were still there at the end, by uid.
    """

    run: Run
    pods: dict[str, Pod]
    frames: dict[tuple[str, str], datetime]
    audit: AuditLog
    events: dict[str, PodEvents]
    unready: dict[str, list[datetime]]
    scenario_pods: dict[str, Json]
    startups: list[Json]
    changes: list[Change]
    claims: dict[str, Claim]
    workloads: dict[tuple[str, str, str], Workload] = field(default_factory=dict)
    finished_jobs: dict[str, tuple[str, datetime]] = field(default_factory=dict)


def read_truth(run: Run) -> Truth:
    """Reads a run's folder.

    Raises:
        FileNotFoundError: The folder lacks a file that every run has.
    """
    frames: dict[tuple[str, str], datetime] = {}
    pods = follow(records(run.folder, "pods-watch.jsonl"), frames)
    events = complaints(records(run.folder, "events-watch.jsonl"))
    for pod in pods.values():
        _add_start(pod, events.get(pod.uid))
    return Truth(
        run=run,
        pods=pods,
        frames=frames,
        audit=read_audit(run.folder),
        events=events,
        unready=unready_nodes(records(run.folder, "nodes-watch.jsonl")),
        scenario_pods={r["uid"]: r for r in records(run.folder, "scenarios.jsonl") if r["level"] == "pod"},
        startups=list(records(run.folder, "kubelet-startup-durations.jsonl")),
        changes=follow_changes(records(run.folder, "pods-watch.jsonl")),
        workloads=follow_workloads(records(run.folder, "pods-watch.jsonl")),
        finished_jobs=finished_jobs(document_if_any(run.folder, "workloads-final.json")),
        claims=follow_claims(*(records_if_any(run.folder, f"{name}-watch.jsonl") for name in ("pvcs", "pods", "events"))),
    )


def _add_start(pod: Pod, events: PodEvents | None) -> None:
    """Where no status ever told of the start (its node died first), the Started Events do, once each container has one."""
    if "containers_started" in pod.seen or events is None or set(pod.containers) - events.started.keys():
        return
    seen_at, stamp = max(events.started[name] for name in pod.containers)
    pod.seen["containers_started"] = Sighting(at=seen_at, since=seen_at, stamp=stamp, version="")
