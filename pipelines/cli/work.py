"""What the commands do with a lake: read sources, clean up; with progress, and a table of what was done.

Here: the steps that several commands share. Not here: refreshing (`refreshing`), and the options (`commands`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa

from pipelines.cli.output import err
from pipelines.cli.progress import Bar
from pipelines.errors import UsageError
from pipelines.ingest import NothingInSpanError, ingest, skipped_words
from pipelines.ingest.configured import selection_of, wanted_span
from pipelines.lake.retention import expire
from pipelines.sources import Selection, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipelines.config import Settings
    from pipelines.ingest import IngestReport
    from pipelines.lake import Lake


@dataclass(frozen=True, slots=True)
class Reading:
    """Files of one cluster to be read, and the shape that they have if it is not to be told from their content."""

    cluster: str
    paths: Sequence[str]
    shape: str | None = None
    selection: Selection = field(default_factory=Selection)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which files the command line asks for; what it does not say is as the settings say."""

    from_at: datetime | None = None
    to_at: datetime | None = None
    include: Sequence[str] | None = None
    exclude: Sequence[str] | None = None
    lag_hours: float | None = None
    stdin_name: str | None = None

    def applied(self, selection: Selection) -> Selection:
        """A selection with what the command line says instead."""
        return replace(
            selection,
            include=self.include or selection.include,
            exclude=self.exclude or selection.exclude,
            span=Span(self.from_at, self.to_at) if self.from_at or self.to_at else selection.span,
            lag=selection.lag if self.lag_hours is None else timedelta(hours=self.lag_hours),
            stdin_name=self.stdin_name,
        )


_NOTHING_SAID = Narrowing()


def readings(
    settings: Settings,
    paths: Sequence[str] | None,
    cluster: str | None,
    narrowing: Narrowing = _NOTHING_SAID,
    *,
    shape: str | None = None,
    is_live: bool = False,
) -> list[Reading]:
    """What to read, as this shape if one is given: the given paths, else the sources of the settings. There may be none if a live cluster is read as well.

    Raises:
        UsageError: It cannot be told what to read, or for which cluster.
    """
    if paths:
        if cluster is None:
            raise UsageError("Which cluster are these files from?", remedy="Add --cluster NAME.")
        return [Reading(cluster, paths, shape, narrowing.applied(Selection()))]
    today = datetime.now(UTC).date()
    found = [
        Reading(name, source.paths, shape or source.shape, narrowing.applied(selection_of(source, wanted_span(source, today))))
        for name, each in settings.clusters.items()
        for source in each.sources
        if cluster in {None, name}
    ]
    if not found and not is_live:
        raise UsageError("There is nothing to read", remedy="Name files or folders, or list sources under `clusters` in lorgnette.yaml.")
    return found


def read_all(lake: Lake, settings: Settings, wanted: Sequence[Reading]) -> list[IngestReport]:
    """Ingest everything, with a bar; says which files were left out."""
    reports = []
    for reading in wanted:
        with Bar(f"Reading {reading.cluster}", is_bytes=True) as bar:
            try:
                report = ingest(lake, reading.cluster, reading.paths, settings, bar.ingest, shape=reading.shape, selection=reading.selection)
            except NothingInSpanError as error:
                # One of several sources may be quiet.
                if len(wanted) == 1:
                    raise
                report = error.report
        if skipped := skipped_words(report):
            err().print(f"{reading.cluster}: {skipped}.", markup=False, soft_wrap=True)
        reports.append(report)
    return reports


def ingest_table(reports: Iterable[IngestReport]) -> pa.Table:
    """One row per source: what was read, what was not, and why."""
    names = ("shape", "lines", "kept", "filtered", "duplicates", "quarantined", "problem")
    rows = [
        {"cluster": report.cluster, "file": source.uri, "unchanged": source.is_unchanged} | {name: getattr(source, name) for name in names}
        for report in reports
        for source in report.sources
    ]
    rows += [{"cluster": report.cluster, "file": each.uri, "problem": each.problem} for report in reports for each in report.unreadable]
    counts = [(name, pa.int64()) for name in names[1:-1]]
    schema = pa.schema(
        [("cluster", pa.string()), ("file", pa.string()), ("shape", pa.string()), *counts, ("unchanged", pa.bool_()), ("problem", pa.string())]
    )
    return pa.Table.from_pylist(rows, schema)


def clean_all(lake: Lake, settings: Settings, clusters: Iterable[str], *, dry_run: bool) -> pa.Table:
    """Retention and leftovers: one row per cluster and table with the files that went (or would go)."""
    rows = []
    for cluster in clusters:
        if settings.retention_days is not None:
            expired = expire(lake, cluster, {"raw": settings.retention_days}, datetime.now(UTC), dry_run=dry_run)
            rows += [{"cluster": cluster, "table": table, "why": "retention", "files": files} for table, files in expired.files.items()]
        leftovers = Counter(path.partition("/")[0] for path in lake.clean(cluster, dry_run=dry_run))
        rows += [{"cluster": cluster, "table": table, "why": "leftover", "files": files} for table, files in sorted(leftovers.items())]
    return pa.Table.from_pylist(rows, pa.schema([("cluster", pa.string()), ("table", pa.string()), ("why", pa.string()), ("files", pa.int64())]))
