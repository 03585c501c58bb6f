"""Charts of the workspace as positions: stacked columns that are links, and lines.

The report draws by Altair, whose picture is one piece: here each bucket leads on to its own minutes, and a page has to be there in a
fraction of a second. Here: numbers in, positions in a box of 1000 × 100 out. Not here: how it is drawn (`macros.html.j2`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from pipelines.reports.reading import Row
    from pipelines.serving.http.reading import Window

WIDTH, HEIGHT = 1000.0, 100.0
STEPS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
FINER = {"day": "hour", "hour": "minute"}
VERDICTS = ("success", "fail_platform", "fail_capacity", "fail_user", "fail_unknown", "kill", "pending")
_BY_MINUTE, _BY_HOUR = timedelta(hours=3), timedelta(days=10)
_MOST_BUCKETS = 1500
_LABELS = 6
_LEAST_S = 0.001


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a column, and the name of what it counts."""

    y: float
    height: float
    name: str


@dataclass(frozen=True, slots=True)
class Column:
    """A bucket: where it stands, what is in it, what it says, and where it leads."""

    at: datetime
    x: float
    width: float
    parts: list[Part]
    said: str
    href: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """Points of a series; where nothing is known a new piece begins."""

    name: str
    pieces: list[str]


@dataclass(frozen=True, slots=True)
class Chart:
    """Columns or lines over a window; `most` is what the top stands for."""

    columns: list[Column]
    lines: list[Line]
    most: float
    labels: list[tuple[float, datetime]]
    target_y: float | None = None


def step_of(window: Window, asked: str | None) -> str:
    """How long a bucket is: as asked, unless those would be too many to see."""
    usual = "minute" if window.length <= _BY_MINUTE else "hour" if window.length <= _BY_HOUR else "day"
    if asked in STEPS and window.length / STEPS[asked] <= _MOST_BUCKETS:
        return asked
    return usual


def columns(
    rows: Sequence[Row],
    window: Window,
    step: str,
    names: Sequence[str],
    said: Callable[[Row], str],
    href: Callable[[datetime, datetime], str | None],
) -> Chart:
    """Counts stacked per bucket.

    Args:
        rows: With `bucket_at`, and a count under each name.
        window: What the chart spans.
        step: How long a bucket is.
        names: What is stacked, from below.
        said: What a bucket says.
        href: Where a bucket leads, by its start and end.
    """
    most = max((sum(row[name] or 0 for name in names) for row in rows), default=0)
    drawn = []
    for row in rows:
        x, width = _place(row["bucket_at"], window, step)
        parts: list[Part] = []
        below = 0
        for name in names:
            if row[name]:
                below += row[name]
                parts.append(Part(HEIGHT - HEIGHT * below / most, HEIGHT * row[name] / most, name))
        drawn.append(Column(row["bucket_at"], x, width, parts, said(row), href(row["bucket_at"], row["bucket_at"] + STEPS[step])))
    return Chart(drawn, [], most, _labels(window))


def rates(rows: Sequence[Row], window: Window, step: str, names: Sequence[str], target: float | None) -> Chart:
    """Shares as lines, from a little below the lowest to 1."""
    values: list[float] = [row[name] for row in rows for name in names if row[name] is not None]
    low: float = max(0.0, math.floor(10 * min([*values, 1.0 if target is None else target]) - 0.5) / 10)

    def y(value: float) -> float:
        return HEIGHT * (1 - (value - low) / (1 - low))

    lines = [_line(rows, window, step, name, y) for name in names]
    return Chart([], lines, low, _labels(window), None if target is None else y(target))


def times(rows: Sequence[Row], window: Window, step: str, names: Sequence[str]) -> Chart:
    """Seconds as lines on a logarithmic scale."""
    values = [max(row[name], _LEAST_S) for row in rows for name in names if row[name] is not None]
    high, low = max(values, default=1.0) * 1.1, min(values, default=_LEAST_S) / 1.1

    def y(value: float) -> float:
        return HEIGHT * (1 - math.log(max(value, _LEAST_S) / low) / math.log(high / low))

    return Chart([], [_line(rows, window, step, name, y) for name in names], high, _labels(window))


def _line(rows: Sequence[Row], window: Window, step: str, name: str, y: Callable[[float], float]) -> Line:
    half = _place(window.from_at, window, step)[1] / 2
    pieces: list[list[tuple[float, float]]] = []
    before: datetime | None = None
    for row in rows:
        if row[name] is None:
            before = None
            continue
        at = row["bucket_at"]
        if before is None or at != before + STEPS[step]:
            pieces.append([])
        pieces[-1].append((_place(at, window, step)[0] + half, y(row[name])))
        before = at
    return Line(name, [_points(piece, half) for piece in pieces])


def _points(piece: list[tuple[float, float]], half: float) -> str:
    """A piece of one point, which would not be seen, is as wide as its bucket."""
    [(x, y), *more] = piece
    shown = piece if more else [(x - half, y), (x + half, y)]
    return " ".join(f"{x:.2f},{y:.2f}" for x, y in shown)


def _place(at: datetime, window: Window, step: str) -> tuple[float, float]:
    x = WIDTH * ((at - window.from_at) / window.length)
    width = WIDTH * (STEPS[step] / window.length)
    return round(x + width * 0.06, 3), round(width * 0.88, 3)


def _labels(window: Window) -> list[tuple[float, datetime]]:
    return [(100 * part / _LABELS, window.from_at + window.length * part / _LABELS) for part in range(_LABELS + 1)]
