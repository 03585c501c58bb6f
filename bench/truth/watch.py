"""What the watch streams saw of each pod: the ground truth of its milestones.

Here: `follow`, frames in, one `Pod` per uid out. It shares no code with the product on purpose. Not here: judging (`oracle`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bench.truth.corpus import Json, instant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_YEAR_OF_NEVER_STARTED = 1970
STAMP = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Sighting:
    """The first frame that shows a fact.

    Args:
        at: When the frame arrived.
        since: The earliest that it may have arrived: `at`, but for a List after a broken watch the last frame before the break.
        stamp: When the fact came true by the object's own word (1 s), if it says so.
        version: The frame's `resourceVersion`.
    """

    at: datetime
    since: datetime
    stamp: datetime | None
    version: str


@dataclass(frozen=True, slots=True)
class Termination:
    """One end of a container, as a status told it."""

    container: str
    code: int
    reason: str
    finished_at: datetime


@dataclass(slots=True)
class Pod:
    """One pod as the watch saw it; `terminations` with the arrival of the frame that first told of each."""

    uid: str
    namespace: str
    name: str
    owner_kind: str | None
    runs_to_completion: bool
    is_static: bool
    has_init: bool
    containers: tuple[str, ...] = ()
    node: str | None = None
    seen: dict[str, Sighting] = field(default_factory=dict)
    terminations: dict[Termination, datetime] = field(default_factory=dict)
    init_finished: dict[str, datetime] = field(default_factory=dict)
    first_started: dict[str, datetime] = field(default_factory=dict)
    images: tuple[str, ...] = ()
    image_changed_at: datetime | None = None
    status_reason: str | None = None

    @property
    def label(self) -> str:
        """Namespace, name and the start of the uid, as tables show a pod."""
        return f"{self.namespace}/{self.name} {self.uid[:8]}"

    @property
    def delivered_at(self) -> datetime | None:
        """By when it was delivered: Ready, or started if it runs to completion; None if it was deleted before."""
        # A start delivers when it happens: a short run may be over before a status tells of it. Ready is what the API says.
        at = self.by("containers_started") if self.runs_to_completion else self.at("ready")
        return None if at is None or (self.delete_asked_at is not None and self.delete_asked_at < at) else at

    @property
    def delete_asked_at(self) -> datetime | None:
        """When delete was asked, by the clock that `delivered_at` uses: frames of one stream come late together."""
        return self.by("deleted") if self.runs_to_completion else self.at("deleted")

    def at(self, fact: str) -> datetime | None:
        """When the first frame that shows `fact` arrived."""
        sighting = self.seen.get(fact)
        return sighting.at if sighting else None

    def by(self, fact: str) -> datetime | None:
        """By when `fact` was true: the end of the second that the object names, or the frame's arrival if that came first."""
        sighting = self.seen.get(fact)
        if sighting is None:
            return None
        return min(sighting.at, sighting.stamp + STAMP) if sighting.stamp else sighting.at


def follow(frames: Iterable[Json], arrivals: dict[tuple[str, str], datetime] | None = None) -> dict[str, Pod]:
    """The pods of a watch stream by uid.

    Args:
        frames: `{"observed_at", "type", "object"}` in order of arrival; ERROR frames are passed over.
        arrivals: Filled with the arrival of each live frame by uid and `resourceVersion`, if given.
    """
    pods: dict[str, Pod] = {}
    live_at: datetime | None = None
    for frame in frames:
        if frame["type"] == "ERROR":
            continue
        at = instant(frame["observed_at"])
        live_at = live_at if frame["type"] == "LISTED" and live_at else at
        meta = frame["object"]["metadata"]
        if arrivals is not None and frame["type"] != "LISTED":
            arrivals.setdefault((meta["uid"], meta["resourceVersion"]), at)
        _observe(pods.setdefault(meta["uid"], _new_pod(frame["object"])), frame, at, live_at)
    return pods


def _new_pod(body: Json) -> Pod:
    meta, spec = body["metadata"], body["spec"]
    owner: Json = next(iter(meta.get("ownerReferences", [])), {})
    return Pod(
        uid=meta["uid"],
        namespace=meta["namespace"],
        name=meta["name"],
        owner_kind=owner.get("kind"),
        runs_to_completion=spec.get("restartPolicy", "Always") != "Always",
        is_static=owner.get("kind") == "Node",
        has_init=bool(spec.get("initContainers")),
        containers=tuple(c["name"] for c in spec["containers"]),
    )


def _observe(pod: Pod, frame: Json, at: datetime, since: datetime) -> None:
    body = frame["object"]
    pod.node = body["spec"].get("nodeName") or pod.node
    pod.status_reason = body.get("status", {}).get("reason") or pod.status_reason
    _note_containers(pod, body, at)
    _note_image(pod, body, at)
    for fact in _FACTS.keys() - pod.seen.keys():
        stamp = _FACTS[fact](pod, body)
        if stamp is not False:
            pod.seen[fact] = Sighting(at, since, None if stamp is True else stamp, body["metadata"]["resourceVersion"])
    if frame["type"] == "DELETED":
        pod.seen["gone"] = Sighting(at, since, None, body["metadata"]["resourceVersion"])
        # An unbound or terminal pod goes at once: its last frame is the only sign that somebody asked.
        pod.seen.setdefault("deleted", pod.seen["gone"])


def _note_containers(pod: Pod, body: Json, at: datetime) -> None:
    status = body.get("status", {})
    for container in status.get("containerStatuses", []):
        name = container["name"]
        for state in (container.get("lastState", {}), container.get("state", {})):
            _note_start(pod, name, state)
            _note_end(pod, name, state.get("terminated"), at)
    for container in status.get("initContainerStatuses", []):
        ended = container.get("state", {}).get("terminated")
        if ended and ended["exitCode"] == 0:
            pod.init_finished.setdefault(container["name"], instant(ended["finishedAt"]))


def _note_start(pod: Pod, name: str, state: Json) -> None:
    for kind in ("running", "terminated"):
        text = state.get(kind, {}).get("startedAt")
        started = instant(text) if text else None
        if started is not None and started.year > _YEAR_OF_NEVER_STARTED:
            pod.first_started[name] = min(started, pod.first_started.get(name, started))


def _note_end(pod: Pod, name: str, ended: dict[str, Any] | None, at: datetime) -> None:
    if ended and ended.get("finishedAt"):
        pod.terminations.setdefault(Termination(name, ended["exitCode"], ended.get("reason", ""), instant(ended["finishedAt"])), at)


def _note_image(pod: Pod, body: Json, at: datetime) -> None:
    images = tuple(c["image"] for c in body["spec"]["containers"])
    if pod.images and images != pod.images and pod.image_changed_at is None:
        pod.image_changed_at = at
    pod.images = images


def _condition(kind: str) -> Callable[[Pod, Json], datetime | bool]:
    def shown(_: Pod, body: Json) -> datetime | bool:
        for condition in body.get("status", {}).get("conditions", []):
            if condition["type"] == kind and condition.get("status") == "True":
                stamp = condition.get("lastTransitionTime")
                return instant(stamp) if stamp else True
        return False

    return shown


def _bound(_: Pod, body: Json) -> bool:
    return bool(body["spec"].get("nodeName"))


def _started(pod: Pod, _: Json) -> datetime | bool:
    starts = [pod.first_started.get(name) for name in pod.containers]
    return False if None in starts else max(start for start in starts if start)


def _deleted(_: Pod, body: Json) -> datetime | bool:
    meta = body["metadata"]
    text = meta.get("deletionTimestamp")
    return instant(text) - timedelta(seconds=meta.get("deletionGracePeriodSeconds") or 0) if text else False


def _acknowledged(_: Pod, body: Json) -> datetime | bool:
    text = body.get("status", {}).get("startTime")
    return instant(text) if text else False


def _phase(value: str) -> Callable[[Pod, Json], bool]:
    return lambda _, body: body.get("status", {}).get("phase") == value


_FACTS: dict[str, Callable[[Pod, Json], datetime | bool]] = {
    "created": lambda _, body: instant(body["metadata"]["creationTimestamp"]),
    "bound": _bound,
    "kubelet_ack": _acknowledged,
    "sandbox_ready": _condition("PodReadyToStartContainers"),
    "initialized": _condition("Initialized"),
    "containers_started": _started,
    "ready": _condition("Ready"),
    "disrupted": _condition("DisruptionTarget"),
    "failed": _phase("Failed"),
    "succeeded": _phase("Succeeded"),
    "deleted": _deleted,
}
