"""What a source holds no more, although it should: which of its former hours are taken back.

A log that begins later than before was rotated, and a dump of Events is made again each hour: what was computed of the hours before stays, as it
does for files that are gone from a folder. But a log that goes back as far and holds less, or a member that is gone from its archive, has been
corrected. The ledger keeps the names of such raw files, so that the next refresh computes their hours anew. Not here: the ledger (`ledger`) and
the refresh (`pipelines.refresh`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.lake.layout import parse_path

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

_PROBLEM = "no longer in its archive"


def taken_back(former: dict[str, Any] | None, paths: Iterable[str]) -> list[str]:
    """The raw files that a source had of hours that it holds no more, though it goes back as far.

    Args:
        former: Its row in the ledger before.
        paths: Its raw files now.
    """
    if former is None:
        return []
    places = {_place(path) for path in paths}
    first = min((hour for _, hour in places if hour is not None), default=None)
    lost = [path for path in former["raw_files"] if first is None or (_place(path)[1] or first) >= first]
    return sorted(path for path in {*lost, *(former["withdrawn_files"] or ())} if _place(path) not in places)


def without_rows(row: dict[str, Any]) -> dict[str, Any]:
    """The row of a source that is gone from its archive: nothing of it counts, and all of it is taken back."""
    counts = dict.fromkeys(("bytes", "raw_bytes", "lines", "kept", "filtered", "duplicates", "quarantined"), 0)
    nothing: dict[str, Any] = {"digest": "", "is_complete": True, "problem": _PROBLEM, "first_at": None, "last_at": None, "raw_files": []}
    return {**row, **counts, **nothing, "withdrawn_files": taken_back(row, [])}


def _place(path: str) -> tuple[str, datetime | None]:
    """The table and the hour of a raw file."""
    parsed = parse_path(path)
    return (parsed[0], parsed[2]) if parsed else (path, None)
