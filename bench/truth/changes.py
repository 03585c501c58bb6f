"""What the watch streams saw of upgrades in place and of claims: the ground truth of `pod_upgrade` and `pvc_bind`.

Here: `follow_changes` and `follow_claims`, frames in, one `Change` or `Claim` out. They share no code with the product on
purpose. Not here: the creation and the end of pods (`watch`), judging (`change_check`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.truth.corpus import Json, instant

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


@dataclass(slots=True)
class Change:
    """One frame that shows other images or resources than the frame before.

    Args:
        uid: The pod.
        label: Namespace and name.
        started_at: When the frame arrived.
        version: Its `resourceVersion`.
        runs: For each changed container, the restart count that its new run has at least.
        resources: What the changed containers ask for.
        images: The containers whose image changed.
        done_at: When the first frame arrived that shows every changed container as wanted and ready.
        ended_at: When the pod was being deleted, or the same container changed again.
    """

    uid: str
    label: str
    started_at: datetime
    version: str
    runs: dict[str, int]
    resources: dict[str, Json]
    images: set[str]
    done_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def pod_uids(self) -> list[str]:
        """The pod whose scenario says what to expect."""
        return [self.uid]


@dataclass(slots=True)
class Claim:
    """One PersistentVolumeClaim: when it was first seen, first seen bound (`done_at`), and first seen to go (`ended_at`)."""

    uid: str
    namespace: str
    name: str
    created_at: datetime
    done_at: datetime | None = None
    ended_at: datetime | None = None
    waits: bool = False
    consumers: dict[str, datetime] = field(default_factory=dict)

    @property
    def started_at(self) -> datetime:
        """From when it could be bound: with a class that waits, from the arrival of its first consumer."""
        first = min(self.consumers.values(), default=None)
        return max(self.created_at, first) if self.waits and first else self.created_at

    @property
    def pod_uids(self) -> list[str]:
        """The pods that use it, in the order of their arrival."""
        return list(self.consumers)


def follow_changes(frames: Iterable[Json]) -> list[Change]:
    """The changes in a stream of pod frames, in order."""
    changes: list[Change] = []
    before: dict[str, Json] = {}
    for frame in frames:
        body = frame["object"]
        if frame["type"] == "ERROR" or not body["spec"].get("containers"):
            continue
        uid, at = body["metadata"]["uid"], instant(frame["observed_at"])
        for change in (c for c in changes if c.uid == uid and c.done_at is None and c.ended_at is None):
            _advance(change, body, at)
        changed = _changed(before.get(uid), body)
        if changed:
            changes.append(changed_now := _new_change(body, at, changed, before[uid]))
            for change in changes:
                if change is not changed_now and change.uid == uid and change.done_at is None and change.runs.keys() & changed_now.runs.keys():
                    change.ended_at = change.ended_at or at
        before[uid] = body
    return changes


def _changed(before: Json | None, body: Json) -> list[str]:
    """The names of the containers whose image or resources differ, of a pod on a node that is not going."""
    if before is None or not before["spec"].get("nodeName") or before["metadata"].get("deletionTimestamp"):
        return []
    old = {c["name"]: (c["image"], c.get("resources")) for c in before["spec"]["containers"]}
    return [c["name"] for c in body["spec"]["containers"] if c["name"] in old and old[c["name"]] != (c["image"], c.get("resources"))]


def _new_change(body: Json, at: datetime, names: list[str], before: Json) -> Change:
    meta, statuses = body["metadata"], _statuses(before)
    old_images = {c["name"]: c["image"] for c in before["spec"]["containers"]}
    specs = {c["name"]: c for c in body["spec"]["containers"] if c["name"] in names}
    return Change(
        uid=meta["uid"],
        label=f"{meta['namespace']}/{meta['name']} {meta['uid'][:8]}",
        started_at=at,
        version=meta["resourceVersion"],
        runs={name: statuses.get(name, {}).get("restartCount", 0) + bool(statuses.get(name, {}).get("containerID")) for name in names},
        resources={name: specs[name].get("resources") or {} for name in names},
        images={name for name in names if specs[name]["image"] != old_images[name]},
    )


def _statuses(body: Json) -> dict[str, Json]:
    return {status["name"]: status for status in body.get("status", {}).get("containerStatuses", [])}


def _advance(change: Change, body: Json, at: datetime) -> None:
    if body["metadata"].get("deletionTimestamp"):
        change.ended_at = at
    elif all(_is_done(change, name, _statuses(body).get(name, {})) for name in change.runs):
        change.done_at = at


def _is_done(change: Change, name: str, status: Json) -> bool:
    if not status.get("ready"):
        return False
    if name in change.images:
        return bool(status["restartCount"] >= change.runs[name])
    return bool((status.get("resources") or {}) == change.resources[name])


def follow_claims(claims: Iterable[Json], pods: Iterable[Json], events: Iterable[Json]) -> dict[str, Claim]:
    """The claims of a run by uid, with the pods that use each and whether its class waits for one."""
    found: dict[str, Claim] = {}
    for frame in (each for each in claims if each["type"] != "ERROR"):
        meta, at = frame["object"]["metadata"], instant(frame["observed_at"])
        claim = found.setdefault(meta["uid"], Claim(meta["uid"], meta["namespace"], meta["name"], at))
        if frame["object"].get("status", {}).get("phase") == "Bound" or "pv.kubernetes.io/bind-completed" in meta.get("annotations", {}):
            claim.done_at = claim.done_at or at
        if meta.get("deletionTimestamp") or frame["type"] == "DELETED":
            claim.ended_at = claim.ended_at or at
    by_name = {(claim.namespace, claim.name): claim for claim in found.values()}
    _note_consumers(by_name, pods)
    for frame in events:
        about = frame["object"].get("involvedObject", {})
        if about.get("uid") in found and frame["object"].get("reason") in ("WaitForFirstConsumer", "WaitForPodScheduled"):
            found[about["uid"]].waits = True
    return found


def _note_consumers(by_name: dict[tuple[str, str], Claim], pods: Iterable[Json]) -> None:
    for frame in (each for each in pods if each["type"] != "ERROR"):
        body = frame["object"]
        for volume in body.get("spec", {}).get("volumes", []):
            name = volume.get("persistentVolumeClaim", {}).get("claimName")
            claim = by_name.get((body["metadata"]["namespace"], name)) if name else None
            if claim:
                claim.consumers.setdefault(body["metadata"]["uid"], instant(frame["observed_at"]))
