"""Sources as the settings describe them: which of their files are wanted, and of which time.

Here: from a `Source` to a `Selection`. Today is always handed in: nothing here reads the clock. Not here: the settings themselves
(`pipelines.config`), and reading (`pipelines.ingest`).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from pipelines.sources import Selection, Span

if TYPE_CHECKING:
    from pipelines.config import Source

Days = tuple[date, date]


def selection_of(source: Source, span: Span) -> Selection:
    """What is wanted of a source's files."""
    return Selection(
        include=source.include,
        exclude=source.exclude,
        span=span,
        lag=timedelta(hours=source.lag_hours),
        storage_options=source.storage_options,
    )


def wanted_span(source: Source, today: date, days: Days | None = None) -> Span:
    """Of which time a source's files are wanted: all, or the last days and those that a run is for.

    Args:
        source: The source.
        today: The day that the last days are counted back from.
        days: The first and the last day that are to be computed, if it is about certain days.
    """
    if source.last_days is None:
        return Span()
    recent = today - timedelta(days=source.last_days)
    if days is not None and days[1] < recent:
        return Span(_midnight(days[0]), _midnight(days[1] + timedelta(days=1)))
    return Span(_midnight(recent if days is None else min(recent, days[0])))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
