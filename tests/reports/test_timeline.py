"""Which stretches are drawn by minute, hour or day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from pipelines.reports.timeline import windows

START = datetime(2026, 11, 1, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)


def hours(count: int, fails: dict[int, int]) -> list[dict[str, Any]]:
    return [{"bucket_at": START + HOUR * index, "fail": fails.get(index, 0)} for index in range(count)]


def extent(count: int) -> dict[str, Any]:
    return {"first_at": START + timedelta(minutes=2, seconds=18), "last_at": START + HOUR * count - timedelta(minutes=30)}


def test_one_hour_is_drawn_by_minute_from_the_first_to_the_last_line() -> None:
    [window] = windows(hours(1, {}), START, START + HOUR, "hour", extent(1))
    assert (window.span.from_at, window.span.to_at, window.span.length) == (START + timedelta(minutes=2), START + timedelta(minutes=31), "minute")


def test_a_day_is_drawn_by_hour_with_the_worst_and_the_last_hours_by_minute() -> None:
    found = windows(hours(24, {5: 9, 20: 3}), START, START + 24 * HOUR, "hour", extent(24))
    assert [window.span.length for window in found] == ["hour", "minute", "minute"]
    assert found[1].span.from_at == START + 5 * HOUR
    assert found[2].span.from_at == START + 21 * HOUR


def test_without_failures_no_hour_is_the_worst() -> None:
    assert len(windows(hours(24, {}), START, START + 24 * HOUR, "hour", extent(24))) == 2


def test_weeks_are_drawn_by_whole_days() -> None:
    found = windows(hours(480, {}), START, START + 480 * HOUR, "day", extent(480))
    assert found[0].span.length == "day"
    assert (found[0].span.from_at, found[0].span.to_at) == (START.replace(hour=0), START.replace(hour=0) + timedelta(days=21))
