"""What an ingest did: per source and as a whole.

Not here: how it is shown to people (`pipelines.cli`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an ingest is; stored bytes, so that the rate and the time left can be told."""

    uri: str
    bytes_done: int
    bytes_total: int
    sources_done: int
    sources_total: int
    lines: int


Callback = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class SourceReport:
    """One source: what it was found to hold, and the account of its lines.

    Args:
        uri: Where it is.
        source_id: Its key in the lake.
        shape: What it holds.
        is_unchanged: Whether the lake had it already; the counts are then those of the ledger.
        bytes: Bytes as stored.
        raw_bytes: Bytes after decompression.
        lines: kept + filtered + duplicates + quarantined.
        is_complete: False if it ended early.
        problem: What was wrong with it as a whole.
    """

    uri: str
    source_id: str
    shape: str
    is_unchanged: bool
    bytes: int
    raw_bytes: int
    lines: int
    kept: int
    filtered: int
    duplicates: int
    quarantined: int
    is_complete: bool = True
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that was named, or that looked like a source, but could not be read."""

    uri: str
    problem: str
    remedy: str | None = None


@dataclass(slots=True)
class IngestReport:
    """All sources of one ingest.

    Attributes:
        sources: What was read, or found unchanged.
        unreadable: What could not be read; nothing of it is in the lake.
        left_aside: Files of the given folders and members of archives that hold something else.
        vanished: What archives held when they were read before and hold no more; its rows are gone.
        shrunk: What ends earlier than when it was read before; the rest of its rows are gone.
        skipped: How many files were not opened, by what told that they are not wanted.
        unlisted: How many dated folders of stores were not even listed.
    """

    cluster: str
    sources: list[SourceReport] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    left_aside: list[str] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
    shrunk: list[str] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    unlisted: int = 0

    @property
    def lines(self) -> int:
        """Lines of all sources."""
        return sum(source.lines for source in self.sources)

    @property
    def kept(self) -> int:
        """Lines that are rows now."""
        return sum(source.kept for source in self.sources)

    @property
    def quarantined(self) -> int:
        """Lines that could not be read."""
        return sum(source.quarantined for source in self.sources)

    @property
    def changed(self) -> list[SourceReport]:
        """The sources that were read anew."""
        return [source for source in self.sources if not source.is_unchanged]

    @property
    def is_clean(self) -> bool:
        """Whether everything could be read: no unreadable file, no quarantined line, no source that ended early."""
        return not self.unreadable and not self.quarantined and all(source.is_complete for source in self.sources)


def skipped_words(report: IngestReport) -> str:
    """How many files and folders were left out, and by what; "" if none were."""
    parts = [f"{files:,} by {reason}" for reason, files in sorted(report.skipped.items())]
    left = sum(report.skipped.values())
    words = [f"{left:,} {'file' if left == 1 else 'files'} not opened ({', '.join(parts)})"] if parts else []
    return " and ".join([*words, *([f"{report.unlisted:,} folders not listed (by the dates in their paths)"] if report.unlisted else [])])
