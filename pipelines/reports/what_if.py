"""What would have made a verdict another one: another limit, a faster phase, or the cause not being there.

Here: pure functions over rows. A phase counts with the time that nothing else shared (`sole_s`), so that what is said holds even if nothing
else had gone faster. Not here: judging many deliveries against another limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

_MOST_PHASES = 3
# By objective: the delivery's time that its clock shows, and a phase's time to itself on that clock.
_CLOCKS = {"platform": ("platform_s", "sole_platform_s"), "sig_startup": ("startup_s", "sole_s")}
# For these the start-up clock stands still, or has been stopped.
_NO_START_UP = {"image_pull", "init", "container_readiness", "pod_readiness"}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that would have changed a verdict.

    Args:
        of: `limit`, `phase`, `phases` (together), `cause`, `delete` or `log`.
        to: The verdict that would have come of it; None where that cannot be told.
        name: The phases, or the error code of the cause.
        actual_s: What it was.
        needed_s: What it would have had to be.
        instead: The error code that would have been given without the cause.
    """

    of: Literal["limit", "phase", "phases", "cause", "delete", "log"]
    to: str | None
    name: str | None = None
    actual_s: float | None = None
    needed_s: float | None = None
    instead: str | None = None


def changes(
    verdict: Mapping[str, Any], delivery: Mapping[str, Any], phases: Sequence[Mapping[str, Any]], diagnoses: Sequence[Mapping[str, Any]]
) -> list[Change]:
    """What would have changed one verdict.

    Args:
        verdict: A row of `verdicts`.
        delivery: Its row of `deliveries`.
        phases: The rows of `explain_phases.sql`, the longest first.
        diagnoses: Its diagnoses; the one of this objective's moment is the cause.
    """
    limit_s, spent_s = verdict["limit_s"], verdict["spent_s"]
    match verdict["verdict"]:
        case "SUCCESS":
            return [] if limit_s is None else [Change("limit", "FAIL", actual_s=limit_s, needed_s=spent_s)]
        case "KILL":
            return [Change("delete", None, actual_s=spent_s, needed_s=limit_s)]
        case "PENDING":
            return [Change("log", None, actual_s=spent_s, needed_s=limit_s)]
    clock, _ = _CLOCKS.get(verdict["objective"], ("total_s", "sole_s"))
    if delivery["state"] == "delivered" and limit_s is not None and delivery[clock] is not None:
        return list(_faster(verdict, delivery, phases))
    return _uncaused(verdict["objective"], diagnoses)


def _faster(verdict: Mapping[str, Any], delivery: Mapping[str, Any], phases: Sequence[Mapping[str, Any]]) -> Iterator[Change]:
    """A delivery that came too late: by how much, and which phases had that much time to themselves."""
    clock, sole = _CLOCKS.get(verdict["objective"], ("total_s", "sole_s"))
    actual_s = delivery[clock]
    if clock == "startup_s":
        phases = [phase for phase in phases if phase["phase"] not in _NO_START_UP]
    yield Change("limit", "SUCCESS", actual_s=verdict["limit_s"], needed_s=actual_s)
    excess_s = actual_s - verdict["limit_s"]
    ranked = sorted(phases, key=lambda phase: (-phase[sole], phase["phase"], phase["subject"] or ""))
    alone = [phase for phase in ranked if phase[sole] >= excess_s]
    for phase in alone[:_MOST_PHASES]:
        yield Change("phase", "SUCCESS", _named(phase), phase["total_s"], phase["total_s"] - excess_s)
    if alone:
        return
    together: list[Mapping[str, Any]] = []
    for phase in ranked:
        together.append(phase)
        saved_s = sum(each[sole] for each in together)
        if saved_s >= excess_s:
            total_s = sum(each["total_s"] for each in together)
            yield Change("phases", "SUCCESS", ", ".join(map(_named, together)), total_s, total_s - excess_s)
            return


def _uncaused(objective: str, diagnoses: Sequence[Mapping[str, Any]]) -> list[Change]:
    """A delivery that never came: what stood in its way, and what would have been said without it."""
    moments = {diagnosis["moment"]: diagnosis for diagnosis in diagnoses}
    cause = moments.get(objective) or moments.get("final")
    return [Change("cause", None, cause["error_code"], instead=cause["runner_up"])] if cause else []


def _named(phase: Mapping[str, Any]) -> str:
    return f"{phase['phase']} of {phase['subject']}" if phase["subject"] else str(phase["phase"])
