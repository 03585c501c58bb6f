"""What the watch streams saw of workloads: the pods of each revision, and from when a rollout was complete. The ground truth of `rollouts`.

Here: `follow_workloads`, frames in, one `Workload` per owner out, and the ends of Jobs as the final dump tells them. They share no
code with the product on purpose. Not here: judging (`rollout_check`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.truth.corpus import Json, instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

_HASHES = ("pod-template-hash", "controller-revision-hash")


@dataclass(slots=True)
class Member:
    """One pod of a workload: its revision, when it was created, and from when on it was ready or on its way out."""

    uid: str
    revision: str
    controller_uid: str
    created_at: datetime
    states: list[tuple[datetime, bool, bool]] = field(default_factory=list)

    def is_ready_at(self, at: datetime) -> bool:
        """Whether its newest frame until then shows it ready and not being deleted."""
        return any(ready and live for _, ready, live in self._newest(at))

    def is_live_at(self, at: datetime) -> bool:
        """Whether it was there, and neither over nor being deleted."""
        return any(live for _, _, live in self._newest(at))

    def _newest(self, at: datetime) -> list[tuple[datetime, bool, bool]]:
        return [state for state in self.states if state[0] <= at][-1:]


@dataclass(slots=True)
class Workload:
    """One Deployment, StatefulSet, DaemonSet, bare ReplicaSet or Job, by the pods that it had."""

    kind: str
    namespace: str
    name: str
    members: dict[str, Member] = field(default_factory=dict)

    def of(self, revision: str) -> list[Member]:
        """The pods of one revision."""
        return [member for member in self.members.values() if member.revision == revision]

    def completed_at(self, revision: str, wanted: int, after: datetime) -> datetime | None:
        """When the first frame arrived since which that many pods of the revision are ready and none of another is left."""
        moments = sorted({after, *(at for member in self.members.values() for at, _, _ in member.states if at > after)})
        return next((at for at in moments if self._is_complete(revision, wanted, at)), None)

    def _is_complete(self, revision: str, wanted: int, at: datetime) -> bool:
        is_alone = not any(member.is_live_at(at) for member in self.members.values() if member.revision != revision)
        return is_alone and sum(member.is_ready_at(at) for member in self.of(revision)) >= wanted


def follow_workloads(frames: Iterable[Json]) -> dict[tuple[str, str, str], Workload]:
    """The workloads in a stream of pod frames, by kind, namespace and name."""
    workloads: dict[tuple[str, str, str], Workload] = {}
    for frame in (each for each in frames if each["type"] != "ERROR"):
        meta, status = frame["object"]["metadata"], frame["object"].get("status", {})
        for kind, name, revision, uid in _owners(meta):
            workload = workloads.setdefault((kind, meta["namespace"], name), Workload(kind, meta["namespace"], name))
            member = workload.members.setdefault(meta["uid"], Member(meta["uid"], revision, uid, instant(meta["creationTimestamp"])))
            is_live = frame["type"] != "DELETED" and not meta.get("deletionTimestamp") and status.get("phase") not in {"Succeeded", "Failed"}
            is_ready = any(each["type"] == "Ready" and each["status"] == "True" for each in status.get("conditions", []))
            member.states.append((instant(frame["observed_at"]), is_ready, is_live))
    return workloads


def _owners(meta: Json) -> Iterator[tuple[str, str, str, str]]:
    """The workload of a pod with its revision: a ReplicaSet that is named after a hash is its Deployment's."""
    labels = meta.get("labels", {})
    revision = next((labels[name] for name in _HASHES if name in labels), "")
    for owner in meta.get("ownerReferences", []):
        if owner.get("controller"):
            is_deployments = owner["kind"] == "ReplicaSet" and revision and owner["name"].endswith(f"-{revision}")
            name = owner["name"].removesuffix(f"-{revision}") if is_deployments else owner["name"]
            yield "Deployment" if is_deployments else owner["kind"], name, revision, owner["uid"]


def finished_jobs(dump: Json) -> dict[str, tuple[str, datetime]]:
    """How each Job of a final dump ended, by uid: `complete` or `failed`, and since when."""
    ends = {"Complete": "complete", "Failed": "failed"}
    return {
        job["metadata"]["uid"]: (ends[condition["type"]], instant(condition["lastTransitionTime"]))
        for job in dump.get("items", [])
        if job["kind"] == "Job"
        for condition in job.get("status", {}).get("conditions", [])
        if condition["type"] in ends and condition["status"] == "True"
    }
