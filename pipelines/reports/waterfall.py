"""One delivery as a waterfall: a lane per phase and subject, bars in per cent of the whole, ticks for the milestones.

Here: positions as numbers. Not here: how they are drawn (templates).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from pipelines.reports.reading import Row

_MOST_LANES = 40


@dataclass(frozen=True, slots=True)
class Bar:
    """One stretch of a phase, from `left` to `left + width` per cent."""

    left: float
    width: float
    owner: str
    status: str
    phase: Row


@dataclass(slots=True)
class Lane:
    """All stretches of one phase and subject; `total_s` is their sum."""

    phase: str
    subject: str | None
    bars: list[Bar] = field(default_factory=list)
    total_s: float = 0.0
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Tick:
    """A milestone at `left` per cent."""

    left: float
    name: str
    after_s: float
    uncertainty_ms: float | None


@dataclass(frozen=True, slots=True)
class Waterfall:
    """A delivery's lanes and ticks over `span_s` seconds; `hidden` lanes were left out."""

    span_s: float
    lanes: list[Lane]
    ticks: list[Tick]
    hidden: int = 0


def waterfall(delivery: Mapping[str, Any], phases: Sequence[Row], milestones: Sequence[Row]) -> Waterfall:
    """Lay out one delivery.

    Args:
        delivery: With `started_at`, `total_s` and `outcome`. What came after a plain success is left out.
        phases: Its rows of `phases`, by start.
        milestones: Its milestones, with `after_s` seconds after the start.
    """
    started_at = delivery["started_at"]
    if delivery["outcome"] == "SUCCESS":
        until_at = started_at + timedelta(seconds=delivery["total_s"] or 0.0)
        phases = [phase for phase in phases if phase["started_at"] <= until_at]
    ends = [(phase["ended_at"] - started_at).total_seconds() for phase in phases]
    span_s = max([delivery["total_s"] or 0.0, *ends, 1e-6])
    lanes: dict[tuple[str, str | None], Lane] = {}
    for phase in phases:
        key = (phase["phase"], phase["subject"])
        _add(lanes.setdefault(key, Lane(*key)), phase, started_at, span_s)
    ticks = [
        Tick(_per_cent(each["after_s"], span_s), each["milestone"], each["after_s"], each["uncertainty_ms"])
        for each in milestones
        if each["after_s"] <= span_s
    ]
    shown = list(lanes.values())
    return Waterfall(span_s, shown[:_MOST_LANES], ticks, max(0, len(shown) - _MOST_LANES))


def _add(lane: Lane, phase: Row, started_at: datetime, span_s: float) -> None:
    start_s = (phase["started_at"] - started_at).total_seconds()
    width_s = max(0.0, (phase["ended_at"] - phase["started_at"]).total_seconds())
    left = _per_cent(max(0.0, start_s), span_s)
    lane.bars.append(Bar(left, min(_per_cent(width_s, span_s), 100 - left), phase["owner"], phase["status"], phase))
    lane.total_s += phase["duration_s"] or 0.0


def _per_cent(value_s: float, span_s: float) -> float:
    return round(100 * value_s / span_s, 3)
