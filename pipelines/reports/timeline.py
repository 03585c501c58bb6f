"""The objectives over time: which stretches are drawn by minute, by hour or by day, and the drawings.

Here: `timeline`. A short lake is drawn by minute throughout; a long one by hour or day, with the last hours and the worst hour by
minute. Not here: the drawing itself (`charts`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from pipelines.reports import words
from pipelines.reports.charts import Span, time_chart, verdict_chart

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pipelines.reports.charts import Length
    from pipelines.reports.reading import Reader, Row

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_ALL_BY_MINUTE = 6 * _HOUR
_ALL_BY_HOUR = 10 * _DAY
_LAST_BY_MINUTE = 3 * _HOUR


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time that is drawn, and what it is called."""

    title: str
    span: Span


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart as SVG text."""

    title: str
    svg: str


@dataclass(frozen=True, slots=True)
class SloPart:
    """One objective: its drawings, and its hours or days as rows."""

    kind: str
    objective: str
    target: float | None
    drawings: list[Drawing]
    buckets: list[Row]


@dataclass(frozen=True, slots=True)
class Timeline:
    """All objectives over time, and the delivery times of each kind; `length` is that of the rows, `hour` or `day`."""

    length: Length
    parts: list[SloPart]
    times: dict[str, list[Drawing]]


def timeline(reader: Reader, objectives: Sequence[Row], extent: Row) -> Timeline:
    """Draw the objectives.

    Args:
        reader: The cluster's rows.
        objectives: Rows of `objectives.sql`; one part each.
        extent: The row of `extent.sql`.
    """
    # A delivery whose start the sources do not hold may have started long before them.
    hours = [row for row in reader.rows("slo_buckets", length="hour") if row["bucket_at"] + _HOUR > extent["first_at"]]
    if not hours:
        return Timeline("hour", [], {})
    from_at, to_at = hours[0]["bucket_at"], hours[-1]["bucket_at"] + _HOUR
    length: Length = "hour" if to_at - from_at <= _ALL_BY_HOUR else "day"
    buckets = hours if length == "hour" else reader.rows("slo_buckets", length="day")
    drawn = windows(hours, from_at, to_at, length, extent)
    rows = {window: buckets if window.span.length == length else _between(reader, "slo_minutes", window.span) for window in drawn}
    parts = [_part(objective, rows, buckets) for objective in objectives]
    durations = {window: _between(reader, "delivery_times", window.span, length=window.span.length) for window in drawn}
    kinds = dict.fromkeys(objective["kind"] for objective in objectives)
    return Timeline(length, parts, {kind: _times(kind, durations) for kind in kinds})


def windows(hours: Sequence[Row], from_at: datetime, to_at: datetime, length: Length, extent: Row) -> list[Window]:
    """The stretches that are drawn, the widest first.

    Args:
        hours: Rows by hour, with `bucket_at` and `fail`.
        from_at: Start of the first hour.
        to_at: End of the last hour.
        length: What the widest stretch is drawn by, unless all is drawn by minute.
        extent: The first and the last instant of the sources.
    """
    if to_at - from_at <= _ALL_BY_MINUTE:
        # From the first to the last minute that the sources hold, not from full hour to full hour.
        first, last = max(from_at, _floor(extent["first_at"])), min(to_at, _floor(extent["last_at"]) + _MINUTE)
        fine = Window("by minute", Span(first, last, "minute") if first < last else Span(from_at, to_at, "minute"))
        return [fine] if to_at - from_at <= _HOUR else [Window("by hour", Span(from_at, to_at, "hour")), fine]
    unit = _HOUR if length == "hour" else _DAY
    start = from_at if length == "hour" else from_at.replace(hour=0)
    found = [Window(f"by {length}", Span(start, start + -(-(to_at - start) // unit) * unit, length))]
    failures = {at: sum(row["fail"] for row in rows) for at, rows in groupby(hours, key=lambda row: row["bucket_at"])}
    worst = max(failures, key=lambda at: (failures[at], at))
    if failures[worst] and worst < to_at - _LAST_BY_MINUTE:
        found.append(Window(f"by minute, the worst hour ({worst:%Y-%m-%d %H:%M} UTC)", Span(worst, worst + _HOUR, "minute")))
    found.append(Window("by minute, the last 3 hours", Span(to_at - _LAST_BY_MINUTE, to_at, "minute")))
    return found


def _floor(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _between(reader: Reader, name: str, span: Span, **params: str) -> list[Row]:
    return reader.rows(name, from_at=span.from_at, to_at=span.to_at, **params)


def _part(objective: Row, rows: dict[Window, list[Row]], buckets: Sequence[Row]) -> SloPart:
    key, target = (objective["kind"], objective["objective"]), objective["target"]
    name = f"{words.kind(key[0])}, {words.objective(*key)}"
    mine = {window: [row for row in of_window if (row["kind"], row["objective"]) == key] for window, of_window in rows.items()}
    drawings = [
        Drawing(window.title, verdict_chart(of_window, window.span, target, f"Verdicts and success rate {window.title}: {name}"))
        for window, of_window in mine.items()
        if of_window
    ]
    return SloPart(*key, target, drawings, [row for row in buckets if (row["kind"], row["objective"]) == key])


def _times(kind: str, rows: dict[Window, list[Row]]) -> list[Drawing]:
    mine = {window: [row for row in of_window if row["kind"] == kind] for window, of_window in rows.items()}
    return [
        Drawing(window.title, time_chart(of_window, window.span, f"Time to deliver {window.title}: {words.kind(kind)}"))
        for window, of_window in mine.items()
        if of_window
    ]
