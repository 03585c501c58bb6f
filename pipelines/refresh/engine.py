"""The refresh: walk the tables in the order of the flow and make every stale partition anew.

Here: `refresh` and its report. Not here: what stale means (`fingerprints`), how a query runs (`batch`), how a file is replaced
(`pipelines.lake`). Nothing here reads the wall clock.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import pipelines.rules
import pipelines.stats
from lake_schema import TABLES, Grain
from pipelines.errors import UsageError
from pipelines.lake import bucket_end, bucket_start
from pipelines.lake.writer import row_groups
from pipelines.refresh.batch import Batch, InputsChangedError, Span, connection
from pipelines.refresh.cursors import cursors
from pipelines.refresh.fingerprints import State, fingerprint, reach, recipe, state, watermark_key
from pipelines.refresh.partitions import Partitions
from pipelines.refresh.portions import Portions
from pipelines.rules.body_facts import refuse_unkept
from pipelines.sql_files import load

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    import pyarrow as pa

    from pipelines.config import Settings
    from pipelines.lake import Lake
    from pipelines.refresh.batch import Fold
    from pipelines.refresh.cursors import Cursor
    from pipelines.sql_files import SqlGraph

    Progress = Callable[[str, int, int], None]

# Raise it when the engine itself would write other rows or footers for the same SQL.
_ENGINE_VERSION = "1"
# Hours of a day are computed side by side as long as their raw files hold no more than this: what bounds the memory of a busy day.
_BATCH_BYTES = 128 * 1024**2
# On sorted rows of short words more effort saves next to nothing.
_COMPRESSION_LEVEL = 1
_AFTER_ALL_HOURS = 24


@dataclass(slots=True)
class TableReport:
    """What a refresh did about one table: partitions looked at, built, and kept because retention took their inputs; rows written."""

    checked: int = 0
    built: int = 0
    frozen: int = 0
    rows: int = 0
    open: int = 0


@dataclass(slots=True)
class RefreshReport:
    """What a refresh did.

    Args:
        cluster: The cluster.
        watermark_at: The time up to which its log is complete; None if it has none.
        tables: By table, in the order of the flow.
    """

    cluster: str
    watermark_at: datetime | None
    tables: dict[str, TableReport] = field(default_factory=dict)

    @property
    def built(self) -> int:
        """Partitions built, of all tables."""
        return sum(table.built for table in self.tables.values())

    @property
    def frozen(self) -> int:
        """Partitions kept because retention took their inputs, of all tables."""
        return sum(table.frozen for table in self.tables.values())


def refresh(
    lake: Lake,
    cluster: str,
    *,
    from_at: datetime | None = None,
    to_at: datetime | None = None,
    tables: Collection[str] | None = None,
    settings: Settings,
    progress: Progress | None = None,
    force: bool = False,
    graph: SqlGraph | None = None,
) -> RefreshReport:
    """Make every stale partition of a cluster anew.

    Args:
        lake: The lake.
        cluster: The cluster's name.
        from_at: Only partitions that hold hours from here on.
        to_at: Only partitions that hold hours before this.
        tables: Only these derived tables; all of them if left out.
        settings: Rules and limits.
        progress: Called with (table, partitions done, partitions in all).
        force: Build what is fresh too.
        graph: The SQL files; those of the package if left out.

    Raises:
        LorgnetteError: A SQL file, a rule or the lake fails; what was built until then stays.
        UsageError: There is no such table.
    """
    graph = graph or load()
    _refuse_unknown(tables, graph)

    def attempt() -> RefreshReport:
        work = _Work(lake, graph, Partitions(lake, cluster, graph), settings, tables, (from_at, to_at), progress, force)
        work.run()
        return work.report

    try:
        return attempt()
    except InputsChangedError:
        # An ingest replaced files after they were listed; a fresh listing has the new ones.
        return attempt()


def rules_in_force(settings: Settings, cluster: str | None = None) -> dict[str, list[dict[str, Any]]]:
    """The rules for a cluster: its own objectives before the common ones, those before the rule files, those before the built-in rules.

    Raises:
        LorgnetteError: A file is not understood.
    """
    own = settings.clusters[cluster].objectives if cluster in settings.clusters else None
    files = [path for path in (own, settings.objectives, *settings.rules) if path is not None]
    rules = pipelines.rules.load(files, settle_s=settings.settle_s)
    refuse_unkept(rules["hyper_events"], settings.ingest.keep_bodies_of)
    return rules


def stale_partitions(lake: Lake, cluster: str, settings: Settings, graph: SqlGraph | None = None) -> dict[str, TableReport]:
    """By table how many partitions there are to check, how many are stale now (`built`) and how many frozen; nothing is written.

    A table behind a stale one counts by its inputs as they are, so a refresh may find more.
    """
    graph = graph or load()
    work = _Work(lake, graph, Partitions(lake, cluster, graph), settings, None, (None, None), None, force=False)
    return {name: work.judged(name) for name in graph.tables()}


class _Work:
    """One refresh under way."""

    def __init__(
        self,
        lake: Lake,
        graph: SqlGraph,
        partitions: Partitions,
        settings: Settings,
        only: Collection[str] | None,
        limits: tuple[datetime | None, datetime | None],
        progress: Progress | None,
        force: bool,  # noqa: FBT001 - handed on from the keyword of `refresh`
    ) -> None:
        self._lake, self._graph, self._partitions, self._settings = lake, graph, partitions, settings
        self._progress, self._force, self._done = progress, force, 0
        self._cursors: list[Cursor] = []
        self._lasting: dict[str, Span] = {}
        names = [name for name in graph.tables() if only is None or name in only]
        self._rules = rules_in_force(settings, partitions.cluster)
        rules_digest = pipelines.rules.digest(self._rules)
        self._recipes = {
            name: recipe(graph, name, rules_digest, f"{_package_version()}/{_ENGINE_VERSION}/{pipelines.stats.digest()}") for name in names
        }
        self._groups = _groups(partitions.hours, partitions.raw_bytes)
        self._buckets = {name: partitions.considered(name, *limits) for name in names}
        self.total = sum(len(buckets) for buckets in self._buckets.values())
        self.report = RefreshReport(
            partitions.cluster, partitions.watermark_at, {name: TableReport(checked=len(self._buckets[name])) for name in names}
        )

    def run(self) -> None:
        """All passes, day by day; a connection is opened only when something is stale."""
        with ExitStack() as stack:
            for names in self._graph.passes():
                batches: dict[tuple[datetime, int], dict[str, list[datetime]]] = {}
                for name in names:
                    for bucket in self._buckets.get(name, ()):
                        batches.setdefault(self._batch_of(name, bucket), {}).setdefault(name, []).append(bucket)
                for batch_at in sorted(batches):
                    self._run_batch(batches[batch_at], stack)

    def _batch_of(self, name: str, bucket: datetime) -> tuple[datetime, int]:
        """Hours go with their group, days and months by themselves; a table of days comes after the hours that it sums up by its pass."""
        if TABLES[name].grain is Grain.HOUR:
            return bucket_start(Grain.DAY, bucket), self._groups.get(bucket, 0)
        return bucket_start(TABLES[name].grain, bucket), _AFTER_ALL_HOURS

    def judged(self, name: str) -> TableReport:
        """How many partitions of a table are stale or frozen now."""
        states = [state(self._recipes[name], self._partitions, bucket) for bucket in self._buckets[name]]
        return TableReport(len(states), states.count(State.STALE), states.count(State.FROZEN))

    def _run_batch(self, buckets_by_table: dict[str, list[datetime]], stack: ExitStack) -> None:
        batch: Batch | None = None
        for name, buckets in buckets_by_table.items():
            stale = self._stale(name, buckets)
            if stale:
                batch = batch or Batch(self._connected(stack), self._lake, self._graph, self._partitions, self._lasting)
                self._build(batch, name, stale)
            self._done += len(buckets)
            if self._progress:
                self._progress(name, self._done, self.total)
        if batch:
            batch.close()

    def _stale(self, name: str, buckets: Sequence[datetime]) -> list[datetime]:
        states = {bucket: state(self._recipes[name], self._partitions, bucket) for bucket in buckets}
        self.report.tables[name].frozen += sum(each is State.FROZEN for each in states.values())
        return [bucket for bucket, each in states.items() if each is State.STALE or (self._force and each is State.FRESH)]

    def _build(self, batch: Batch, name: str, stale: Sequence[datetime]) -> None:
        """Compute the stale partitions of one table in one query, and replace them one by one."""
        batch.compute(name, Span(stale[0], bucket_end(TABLES[name].grain, stale[-1])))
        folds = batch.fold(name, stale)
        rows = Portions(batch.rows(name, [bucket for bucket, fold in folds.items() if fold.rows]))
        for bucket, fold in folds.items():
            self._replace(name, bucket, fold, rows.take(fold.rows))

    def _replace(self, name: str, bucket: datetime, fold: Fold, rows: Iterable[pa.RecordBatch]) -> None:
        schema = TABLES[name].arrow_schema()
        path = self._lake.partition_path(name, self._partitions.cluster, bucket)
        with self._lake.writer(path, schema, self._footer(name, bucket, fold), compression_level=_COMPRESSION_LEVEL) as writer:
            for table in row_groups(rows, schema):
                writer.write_table(table)
        if writer.file is not None:
            self._partitions.put(name, writer.file, writer.footer)
        report = self.report.tables[name]
        report.built += 1
        report.rows += writer.rows
        report.open += fold.open

    def _footer(self, name: str, bucket: datetime, fold: Fold) -> dict[str, str]:
        """What the footer says beside `rows` and `content`; the watermark only if the rows may change with it."""
        recipe = self._recipes[name]
        reach_at = reach(recipe, bucket, fold.reach_at, is_known=fold.has_reach)
        feels_watermark = recipe.uses_watermark and (fold.open > 0 or not fold.has_open)
        return {
            "fingerprint": fingerprint(recipe, self._partitions, bucket, reach_at),
            "reach": reach_at.isoformat(),
            "open": str(fold.open),
            "watermark": watermark_key(recipe, self._partitions.watermark_at, bucket) if feels_watermark else "",
            "version": _package_version(),
        }

    def _connected(self, stack: ExitStack) -> list[Cursor]:
        if not self._cursors:
            self._cursors = cursors(stack.enter_context(connection(self._lake, self._settings, self._rules)))
        return self._cursors


def _groups(hours: Sequence[datetime], raw_bytes: Mapping[datetime, int]) -> dict[datetime, int]:
    """Which hours of a day go together: a number per hour, rising with it."""
    groups: dict[datetime, int] = {}
    day, number, filled = None, 0, 0
    for hour in hours:
        if bucket_start(Grain.DAY, hour) != day:
            day, number, filled = bucket_start(Grain.DAY, hour), 0, 0
        elif filled + raw_bytes.get(hour, 0) > _BATCH_BYTES:
            number, filled = number + 1, 0
        filled += raw_bytes.get(hour, 0)
        groups[hour] = number
    return groups


def _refuse_unknown(tables: Collection[str] | None, graph: SqlGraph) -> None:
    unknown = sorted(set(tables or ()) - set(graph.tables()))
    if unknown:
        raise UsageError(f"No such derived table: {', '.join(unknown)}", remedy=f"The tables are {', '.join(graph.tables())}.")


@cache
def _package_version() -> str:
    try:
        return version("lorgnette")
    except PackageNotFoundError:  # Run from a checkout that was not installed.
        return "0"
