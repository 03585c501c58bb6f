"""Verdicts from the watch alone: what a stopwatch at the API server would have said.

Here: `judge_create`, `judge_delete` and `is_settled`, pure functions over a `Pod`. Not here: the product's verdicts, nor the
comparison (`verdict_check`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bench.truth.watch import STAMP

if TYPE_CHECKING:
    from bench.truth.events import PodEvents
    from bench.truth.watch import Pod, Termination

LONG_RUNNING_S = 480.0
RUN_TO_COMPLETION_S = 90.0
DELETE_LIMITS_S = {"10m": 600.0, "1h": 3600.0, "24h": 86400.0}
SETTLE_S = 60.0


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, with how near it was to another one.

    Args:
        verdict: `SUCCESS`, `FAIL`, `KILL` or `PENDING`.
        limit_s: The limit that applied.
        margin_s: Seconds between what decided and what would have decided next: below the watch's latency nobody can tell.
    """

    verdict: str
    limit_s: float
    margin_s: float


def judge_create(pod: Pod, extension_s: float, log_end: datetime) -> Judgement:
    """The objective `wall` of a pod's creation.

    Args:
        pod: The pod as watched.
        extension_s: Seconds that init containers add to the limit (`init_extension_s`).
        log_end: The end of the log: what would be decided later is pending.
    """
    created = pod.by("created") or pod.seen["created"].at
    limit_s = base_limit_s(pod) + extension_s
    ends = {"FAIL": created + timedelta(seconds=limit_s), "PENDING": log_end}
    if pod.delivered_at:
        ends["SUCCESS"] = pod.delivered_at
    deleted, failed = pod.delete_asked_at, pod.at("failed")
    if deleted:
        ends["KILL"] = deleted
    if failed and failed < ends["FAIL"]:
        ends["FAIL"] = failed
    return _earliest(ends, limit_s)


def judge_delete(pod: Pod, limit_s: float, log_end: datetime) -> Judgement | None:
    """One objective of a pod's deletion; None if nobody deleted it."""
    deleted, gone = pod.by("deleted"), pod.at("gone")
    if deleted is None:
        return None
    ends = {"FAIL": deleted + timedelta(seconds=limit_s), "PENDING": log_end}
    if gone:
        ends["SUCCESS"] = gone
    return _earliest(ends, limit_s)


def base_limit_s(pod: Pod) -> float:
    """The limit of `wall` before init containers extend it."""
    return RUN_TO_COMPLETION_S if pod.runs_to_completion else LONG_RUNNING_S


def init_extension_s(pod: Pod, events: PodEvents | None) -> float:
    """Seconds from the first init image pull to Initialized, if that came before the base limit; else 0."""
    initialized = pod.at("initialized")
    if not pod.has_init or events is None or events.init_pull_at is None or initialized is None:
        return 0.0
    if initialized > pod.seen["created"].at + timedelta(seconds=base_limit_s(pod)):
        return 0.0
    return max(0.0, (initialized - events.init_pull_at).total_seconds())


def is_settled(pod: Pod, log_end: datetime) -> bool | None:
    """Whether what was delivered held for the settling time; None if it was not delivered, or if the log ends before that time."""
    if pod.delivered_at is None:
        return None
    if breaking(pod):
        return False
    return True if _settles_at(pod, pod.delivered_at) <= log_end else None


def breaking(pod: Pod) -> Termination | None:
    """The first end of a container that unsettled a delivered pod."""
    delivered_at = pod.delivered_at
    if delivered_at is None:
        return None
    stamp = pod.seen["containers_started" if pod.runs_to_completion else "ready"].stamp
    since, until = min(stamp or delivered_at, delivered_at), delivered_at + timedelta(seconds=SETTLE_S) - STAMP
    ends = [t for t in pod.terminations if since <= t.finished_at <= until and _was_not_meant(pod, t)]
    ends.sort(key=lambda t: t.finished_at)
    return next((t for t in ends if t.code != 0 or not pod.runs_to_completion or pod.status_reason == "Evicted"), None)


def _was_not_meant(pod: Pod, end: Termination) -> bool:
    """Whether a container ended before anybody deleted the pod or changed its image: told of earlier, or in an earlier second."""
    deleted, told_at = pod.seen.get("deleted"), pod.terminations[end]
    if deleted and told_at >= deleted.at and end.finished_at > (deleted.stamp or deleted.at) - STAMP:
        return False
    changed_at = pod.image_changed_at
    return changed_at is None or told_at < changed_at or end.finished_at <= changed_at - STAMP


def _settles_at(pod: Pod, delivered_at: datetime) -> datetime:
    deleted = pod.seen.get("deleted")
    stops = (deleted and (deleted.stamp or deleted.at), pod.image_changed_at, delivered_at + timedelta(seconds=SETTLE_S))
    return min(stop for stop in stops if stop)


def _earliest(ends: dict[str, datetime], limit_s: float) -> Judgement:
    order = sorted(ends, key=lambda verdict: ends[verdict])
    return Judgement(order[0], limit_s, (ends[order[1]] - ends[order[0]]).total_seconds())
