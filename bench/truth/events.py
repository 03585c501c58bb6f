"""What the watches of Events and nodes say beside the pods: who complained about a pod, and when a node was not ready.

Here: the first occurrence of each reason per pod, and the stretches in which a node was not Ready. Not here: pods (`watch`).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.truth.corpus import Json, instant

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

_PULLS = {"Pulling", "Pulled"}


@dataclass(slots=True)
class PodEvents:
    """The Events about one pod.

    Args:
        first_at: Reason to its first occurrence (1 s, µs for the scheduler's).
        init_pull_at: The first pull of an init container's image; a cached image counts.
        started: Container to its first Started Event: when it was seen, and the second that it names.
    """

    first_at: dict[str, datetime] = field(default_factory=dict)
    init_pull_at: datetime | None = None
    started: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)


def complaints(frames: Iterable[Json]) -> dict[str, PodEvents]:
    """The Events of a core/v1 watch by the uid that they are about."""
    found: dict[str, PodEvents] = defaultdict(PodEvents)
    for frame in frames:
        event = frame["object"]
        uid = event.get("involvedObject", {}).get("uid")
        text = event.get("eventTime") or event.get("firstTimestamp")
        if uid and text:
            _note(found[uid], event, instant(text), instant(frame["observed_at"]))
    return found


def _note(about: PodEvents, event: Json, at: datetime, seen_at: datetime) -> None:
    reason, path = event["reason"], event["involvedObject"].get("fieldPath", "")
    about.first_at[reason] = min(at, about.first_at.get(reason, at))
    if reason in _PULLS and path.startswith("spec.initContainers"):
        about.init_pull_at = min(at, about.init_pull_at or at)
    if reason == "Started" and path.startswith("spec.containers{"):
        about.started.setdefault(path.removeprefix("spec.containers{").rstrip("}"), (seen_at, at))


def unready_nodes(frames: Iterable[Json]) -> dict[str, list[datetime]]:
    """Per node, when each frame arrived that shows its Ready condition as not True."""
    found: dict[str, list[datetime]] = defaultdict(list)
    for frame in frames:
        if frame["type"] == "ERROR":
            continue
        for condition in frame["object"].get("status", {}).get("conditions", []):
            if condition["type"] == "Ready" and condition["status"] != "True":
                found[frame["object"]["metadata"]["name"]].append(instant(frame["observed_at"]))
    return found
