"""What an ingest left aside, and what it could not read.

Not here: how it is found out (`pipelines.ingest`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.cli.output import err
from pipelines.sources.archives import ARCHIVE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.ingest import IngestReport

_MOST_PROBLEMS = 10
_MOST_NAMES = 3


def problems(reports: Sequence[IngestReport]) -> list[str]:
    """One line per file that could not be read, or not as a whole: what, and where the rest of it is."""
    lines = [f"{each.uri}: not read: {each.problem}{f'. {each.remedy}' if each.remedy else ''}" for report in reports for each in report.unreadable]
    for source in (source for report in reports for source in report.sources if not source.is_unchanged):
        if source.problem:
            what = "the members" if source.shape == ARCHIVE else f"its first {source.lines:,} lines"
            lines.append(f"{source.uri}: {source.problem}; {what} up to there are in the lake")
        if source.quarantined:
            lines.append(
                f"{source.uri}: {source.quarantined:,} of {source.lines:,} lines are no records; they are in the table `quarantine`, with their reasons"
            )
    return lines


def _notes(reports: Sequence[IngestReport]) -> list[str]:
    aside = [uri for report in reports for uri in report.left_aside]
    vanished = sum(len(report.vanished) for report in reports)
    return [
        *([f"Left aside, since they hold something else: {_some(aside)}."] if aside else []),
        *(
            [f"{vanished:,} {'member is' if vanished == 1 else 'members are'} no longer in the archive: what was read of it is removed."]
            if vanished
            else []
        ),
        *(
            f"{uri} ends earlier than when it was read before: the rest of its rows is removed, and what was computed of them is computed anew."
            for report in reports
            for uri in report.shrunk
        ),
    ]


def _some(names: Sequence[str]) -> str:
    """The first few names, and how many there are beyond them."""
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more:,} more" if more > 0 else "")


def show_problems(reports: Sequence[IngestReport]) -> bool:
    """Say what was left aside, what is gone and what could not be read; whether there was anything of the latter."""
    for note in _notes(reports):
        err().print(note, markup=False)
    lines = problems(reports)
    if lines:
        err().print("\nSome of the input could not be read; everything else is in the lake:")
        for line in lines[:_MOST_PROBLEMS]:
            err().print(f"  {line}", markup=False, soft_wrap=True)
        if len(lines) > _MOST_PROBLEMS:
            err().print(f"  and {len(lines) - _MOST_PROBLEMS:,} more: see `problem` and `quarantined` in the table `sources`")
    return bool(lines)
