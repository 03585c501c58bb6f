"""What the names and times of files tell of when their records happened, before any of them is opened.

Here: rotation times in names, dates in folders, and `outside`, which says why a file cannot hold anything of a span. A bound is used only
if it is certain, but for what the selection's `lag` allows folders: no file may be left out that could hold a wanted row. Not here:
listing (`local_files`, `remote_files`) and patterns (`templates`).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipelines.sources.found import Found, Selection

BY_ROTATION = "the rotation times in their names"
BY_CHANGE = "the time of their last change"
BY_FOLDER = "the dates in their paths"

# Clocks of API servers, nodes and stores differ, and a log may be written in batches.
_CLOCKS = timedelta(minutes=5)
# Times before Kubernetes was are no times of change: file systems and archives without any say 1970 or 1980.
_FIRST_YEAR = 2014
_LAST_YEAR = 2100
_YEAR_DIGITS = 4
_A_DAY = 3

# As kube-apiserver rotates (lumberjack, always in UTC): `<name>-2006-01-02T15-04-05.000<ext>`, compressed or not.
_ROTATED = re.compile(r"(?P<stem>.+)-(?P<time>\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3})(?P<ext>\.(?!gz$|zst$)[A-Za-z]+)?(?:\.(?:gz|zst))?")


class Stretch(NamedTuple):
    """A stretch of time, the end not in it."""

    first: datetime
    end: datetime


class Rotations:
    """The rotation times of all logs in a listing, by folder and stem: what was rotated earlier bounds what comes after."""

    def __init__(self, uris: Iterable[str]) -> None:
        times: dict[tuple[str, str, str], set[datetime]] = {}
        for uri in uris:
            folder, _, name = uri.rpartition("/")
            if (found := _rotated(name)) is not None:
                stem, extension, moment = found
                times.setdefault((folder, stem, extension), set()).add(moment)
        self._times = {key: sorted(moments) for key, moments in times.items()}

    def bounds(self, uri: str) -> tuple[datetime | None, datetime | None]:
        """When the first record of a log may be from, and when the last must be before; None where the names do not tell."""
        folder, _, name = uri.rpartition("/")
        if (found := _rotated(name)) is not None:
            stem, extension, moment = found
            times = self._times.get((folder, stem, extension), [])
            place = bisect_left(times, moment)
            return times[place - 1] if place else None, moment
        stem, dot, extension = name.rpartition(".")
        times = self._times.get((folder, stem, dot + extension) if dot else (folder, name, ""), [])
        # The log that is being written begins where the last rotation ended.
        return (times[-1] if times else None), None


def _rotated(name: str) -> tuple[str, str, datetime] | None:
    found = _ROTATED.fullmatch(name)
    if found is None:
        return None
    try:
        moment = datetime.strptime(found["time"], "%Y-%m-%dT%H-%M-%S.%f").replace(tzinfo=UTC)
    except ValueError:
        return None
    return found["stem"], found["ext"] or "", moment


def outside(found: Found, rotations: Rotations, selection: Selection) -> str | None:
    """By what a file is known to hold nothing of the wanted span; None if it may hold something.

    Args:
        found: The file.
        rotations: The rotation times of all files that were listed.
        selection: The span, and how far a date in a path may be off.
    """
    span = selection.span
    begun_at, rotated_at = rotations.bounds(found.uri)
    if span.starts_after(_later(rotated_at, _CLOCKS)) or span.ends_before(_later(begun_at, -_CLOCKS)):
        return BY_ROTATION
    if found.dated is not None and misses(found.dated, selection):
        return BY_FOLDER
    if found.modified_at is not None and found.modified_at.year >= _FIRST_YEAR and span.starts_after(found.modified_at + _CLOCKS):
        return BY_CHANGE
    return None


def misses(dated: Stretch, selection: Selection) -> bool:
    """Whether nothing of a dated folder can be of the wanted span."""
    return selection.span.starts_after(dated.end + selection.lag) or selection.span.ends_before(dated.first - selection.lag)


def _later(moment: datetime | None, by: timedelta) -> datetime | None:
    return None if moment is None else moment + by


_KEYS = {
    "y": "year", "year": "year", "yyyy": "year",
    "m": "month", "month": "month", "mm": "month",
    "d": "day", "day": "day", "dd": "day",
    "h": "hour", "hour": "hour", "hh": "hour", "hr": "hour",
    "date": "date", "dt": "date", "ds": "date",
}  # fmt: skip
_ORDER = ("year", "month", "day", "hour")
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T_-]?(\d\d))?|(\d{4})(\d\d)(\d\d)(\d\d)?|(\d{4})-(\d\d)")


def folder_dates(folders: Sequence[str]) -> Stretch | None:
    """When the records below some folders are from, by dates such as `2026/11/23/07`, `y=2026/m=11/d=23/h=07` or `date=2026-11-23/hour=07`.

    A year alone in a folder's name may be any number, so it counts only with a month below it.
    """
    parts: list[int] = []
    is_keyed = False
    for folder in folders:
        key, equals, value = folder.lower().partition("=")
        known = _KEYS.get(key) if equals else None
        if known is None and equals:
            continue
        is_keyed = is_keyed or known is not None
        parts = _with(parts, known, value if equals else folder)
    return stretch(parts) if len(parts) > 1 or is_keyed else None


def _with(parts: list[int], unit: str | None, value: str) -> list[int]:
    """The parts of a date (year, month, day, hour) with what one more folder says."""
    if (whole := _DATE.fullmatch(value)) is not None and (unit in {None, "date"} or unit == _unit_of(whole)):
        return [int(part) for part in whole.groups() if part]
    expected = _ORDER[len(parts)] if len(parts) < len(_ORDER) else None
    if expected is None or not value.isdecimal() or unit not in {None, expected}:
        return parts
    digits = _YEAR_DIGITS if expected == "year" else 2
    if len(value) == digits or (unit is not None and len(value) < digits):
        return longer if stretch(longer := [*parts, int(value)]) else parts if len(parts) >= _A_DAY else []
    # A number that is no part of a date has nothing to do with what was taken for a year or a month before it.
    return parts if len(parts) >= _A_DAY else [int(value)] if len(value) == _YEAR_DIGITS else []


def _unit_of(whole: re.Match[str]) -> str:
    return _ORDER[sum(part is not None for part in whole.groups()) - 1]


def stretch(parts: Sequence[int]) -> Stretch | None:
    """The stretch that a year, month, day and hour name, as many of them as there are; None if there is no such date."""
    year, month, day, hour = (*parts, *(1, 1, 1, 0)[len(parts) :])
    if not parts or not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    try:
        first = datetime(year, month, day, hour, tzinfo=UTC)
    except ValueError:
        return None
    match len(parts):
        case 1:
            return Stretch(first, first.replace(year=year + 1))
        case 2:
            return Stretch(first, (first + timedelta(days=32)).replace(day=1))
        case 3:
            return Stretch(first, first + timedelta(days=1))
    return Stretch(first, first + timedelta(hours=1))
