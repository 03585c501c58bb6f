"""Runs the SQL files of one batch (a cluster and a day) on one DuckDB connection.

Here: `Batch`: views over the input files, stages as tables in memory, one file per partition. Not here: which partitions are
stale (`fingerprints`) and in which order tables go (`engine`).
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb

import pipelines.rules
import pipelines.stats
from lake_schema import TABLES
from pipelines.errors import LorgnetteError
from pipelines.refresh import older
from pipelines.refresh.cursors import side_by_side
from pipelines.refresh.partitions import HOUR
from pipelines.sql_files import Input

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    import pyarrow as pa

    from lake_schema import Table
    from pipelines.config import Settings
    from pipelines.lake import Lake
    from pipelines.refresh.cursors import Cursor
    from pipelines.refresh.partitions import Partitions
    from pipelines.sql_files import SqlFile, SqlGraph

REACH = "_reach_at"
OPEN = "_is_open"
RESULT = "_result"


@dataclass(frozen=True, slots=True)
class Span:
    """The hours that one query computes: from `from_at` to `to_at` (exclusive)."""

    from_at: datetime
    to_at: datetime


@dataclass(frozen=True, slots=True)
class Fold:
    """What the extra columns of a result say about one partition.

    Args:
        rows: How many rows it has.
        reach_at: The last instant that a row depends on; None if there is no row.
        open: Rows that a later watermark may change.
        has_reach: Whether the SQL says how far its rows reach.
        has_open: Whether the SQL says which rows are open.
    """

    rows: int
    reach_at: datetime | None
    open: int
    has_reach: bool
    has_open: bool


class InputsChangedError(LorgnetteError):
    """A file that was listed cannot be read: most likely a source was read again meanwhile, and its files replaced."""


@contextmanager
def connection(
    lake: Lake, settings: Settings, rules: Mapping[str, Sequence[Mapping[str, Any]]], timeout_s: float | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB connection with our limits, the lake's files and the macros of the rules; it spills into a folder of its own.

    Args:
        lake: The lake.
        settings: Limits of memory.
        rules: The rules in force.
        timeout_s: How long one query may take; as long as it takes if None.
    """
    with tempfile.TemporaryDirectory(prefix="lorgnette-") as spill:
        con = duckdb.connect(config={"memory_limit": settings.memory_limit, "temp_directory": spill})
        try:
            con.execute("set timezone = 'UTC'")
            con.execute("set enable_progress_bar = false")
            # Every result is sorted in the end, so rows may come in any order until then: that halves the memory of wide stages.
            con.execute("set preserve_insertion_order = false")
            lake.attach(con)
            pipelines.rules.register(con, rules)
            pipelines.stats.register(con)
            if timeout_s is not None:
                con.execute(f"set max_execution_time = {max(1, int(timeout_s * 1000))}")
            yield con
        finally:
            con.close()


class Batch:
    """One batch, the only one that its connection works for. Stages live as long as it does, or until another span is asked for."""

    def __init__(
        self, cursors: Sequence[Cursor], lake: Lake, graph: SqlGraph, partitions: Partitions, lasting: dict[str, Span] | None = None
    ) -> None:
        """A batch.

        Args:
            cursors: Of one `connection`, which comes first; stages are made on all of them side by side.
            lake: Where the files are.
            graph: The SQL files.
            partitions: What there is of the cluster.
            lasting: The spans of stages that batches of one connection share, by name; each is made anew for another span.
        """
        self._cursors = cursors
        self._con = cursors[0].con
        self._lake = lake
        self._graph = graph
        self._partitions = partitions
        self._stages: dict[str, Span] = {}
        self._lasting = {} if lasting is None else lasting
        self._shared = frozenset() if lasting is None else graph.lasting()
        self._given: dict[str, str] = {}
        self._span: Span | None = None
        self._extra: frozenset[str] = frozenset()

    def give(self, name: str, select: str) -> None:
        """Let a table or stage be what a SELECT says, in place of the lake's files or of its own SQL; `{files}` in it is what the files hold."""
        self._given[name] = select

    def compute(self, name: str, span: Span, into: str = RESULT) -> None:
        """Run a table's or stage's SQL for a span; `fold` and `rows` then cut the result of a table.

        Args:
            name: The table or stage.
            span: The hours.
            into: Another name for the result, that stays until the connection is closed.

        Raises:
            LorgnetteError: The SQL fails, or its columns are not the table's.
        """
        self._set_params(span)
        *stages, file = self._graph.closure(name)
        stale = {stage.name: stage.stages for stage in stages if self._spans(stage.name).get(stage.name) != span}
        side_by_side(stale, lambda stage, cursor: self._create(self._graph.files[stage], stage, span, cursor), self._cursors)
        for stage in stale:
            self._spans(stage)[stage] = span
        self._create(file, into, span, self._cursors[0])
        if into == RESULT:
            self._check_columns(name)

    def view(self, table: str, span: Span) -> None:
        """A view of a table's files of a span, under the table's name."""
        self._create_view(Input(table), span, self._cursors[0])

    def fold(self, name: str, buckets: Sequence[datetime]) -> dict[datetime, Fold]:
        """What the last result has for each partition."""
        table = TABLES[name]
        reach = f"max({REACH})" if REACH in self._extra else "null::timestamptz"
        is_open = f"count(*) filter (where {OPEN})" if OPEN in self._extra else "0"
        query = f"select {_bucket(table)}, count(*), {reach}, {is_open} from {RESULT} group by 1"  # noqa: S608 - names of lake_schema
        with self._explained(name):
            found = {row[0]: (row[1], row[2], row[3]) for row in self._con.execute(query).fetchall()}
        if None in found:
            raise LorgnetteError(f"{name}.{table.instant} decides a row's partition and must not be null", where=self._graph.files[name].path)
        return {bucket: Fold(*found.get(bucket, (0, None, 0)), REACH in self._extra, OPEN in self._extra) for bucket in buckets}

    def rows(self, name: str, buckets: Sequence[datetime]) -> Iterator[pa.RecordBatch]:
        """The rows of some partitions of the last result, cast and sorted, one partition after the other."""
        if not buckets:
            return
        table = TABLES[name]
        within = f"(select * from {RESULT} where list_contains($buckets::timestamptz[], {_bucket(table)}))"  # noqa: S608 - names of lake_schema
        query = table.duckdb_select(within, first=_bucket(table) if len(buckets) > 1 else None)
        with self._explained(name):
            for batch in self._con.sql(query, params={"buckets": list(buckets)}).to_arrow_reader():
                _refuse_nulls(table, batch, self._graph.files[name].path)
                yield batch

    def close(self) -> None:
        """Drop the stages and the last result; what batches share stays."""
        self._con.execute("; ".join(f'drop table if exists "{name}"' for name in (*self._stages, RESULT)))
        self._stages.clear()

    def _spans(self, stage: str) -> dict[str, Span]:
        """Where the span of a stage is noted: with those of this batch, or of all."""
        return self._lasting if stage in self._shared else self._stages

    def _create(self, file: SqlFile, name: str, span: Span, cursor: Cursor) -> None:
        with self._explained(file.name):
            for each in file.inputs:
                self._create_view(each, span, cursor)
            if older.NAME in file.rule_tables:
                older.create(cursor.con, older.absent(cursor.con, self._lake.native, self._partitions, span.from_at, span.to_at))
            cursor.con.execute(f'create or replace table "{name}" as {self._given.get(file.name, file.text)}')

    def _create_view(self, source: Input, span: Span, cursor: Cursor) -> None:
        """A view of the files in the window; nothing is read but what the query then asks for."""
        table = TABLES[source.table]
        found = self._partitions.paths(table.name, span.from_at + HOUR * source.first_hour, span.to_at + HOUR * source.last_hour)
        paths = [self._lake.native(path) for path in found]
        select = table.duckdb_empty()
        if paths:
            select = table.duckdb_files(f"getvariable('{table.name}_files')", are_whole=self._partitions.columns.are_whole(cursor.con, table, paths))
        if table.name in self._given:
            select = self._given[table.name].replace("{files}", f"({select})")
        cursor.view(table.name, select, paths)

    def _set_params(self, span: Span) -> None:
        if span == self._span:
            return
        self._span = span
        values = {"cluster": self._partitions.cluster, "from_at": span.from_at, "to_at": span.to_at, "watermark_at": self._partitions.watermark_at}
        self._con.execute(
            "create or replace table params as select $cluster::varchar as cluster, $from_at::timestamptz as from_at, "
            "$to_at::timestamptz as to_at, $watermark_at::timestamptz as watermark_at",
            values,
        )

    def _check_columns(self, name: str) -> None:
        """Refuse a result that has other columns than its table, and note the extra ones."""
        columns = {row[0] for row in self._con.execute(f"describe {RESULT}").fetchall()}
        self._extra = frozenset(columns & {REACH, OPEN})
        wanted, found = set(TABLES[name].column_names), columns - self._extra
        if wanted != found:
            parts = [f"lacks {', '.join(sorted(wanted - found))}"] * bool(wanted - found) + [
                f"has {', '.join(sorted(found - wanted))} beyond it"
            ] * bool(found - wanted)
            raise LorgnetteError(f"The columns of {name} are not those of lake_schema: it {' and '.join(parts)}", where=self._graph.files[name].path)

    @contextmanager
    def _explained(self, name: str) -> Iterator[None]:
        """Turn an error of DuckDB into one that names the file."""
        where = f"{self._graph.files[name].path}, cluster {self._partitions.cluster}"
        try:
            yield
        except duckdb.InterruptException as error:
            raise LorgnetteError(
                "The query took longer than it may", where=where, remedy="Ask about less: one cluster, or a shorter stretch of time."
            ) from error
        except duckdb.OutOfMemoryException as error:
            raise LorgnetteError(
                f"The query needs more memory or disk than it may have: {error}",
                where=where,
                remedy="Raise `memory_limit`, or make room where temporary files go (TMPDIR).",
            ) from error
        except (duckdb.IOException, FileNotFoundError) as error:
            raise InputsChangedError(
                f"A file cannot be read: {error}", where=where, remedy="Run the same command again; a file that is damaged must be deleted first."
            ) from error
        except duckdb.Error as error:
            raise LorgnetteError(
                f"The query fails: {error}",
                where=where,
                remedy="If a file of the lake is damaged, delete it and run the same command again; else mend the SQL.",
            ) from error


def _bucket(table: Table) -> str:
    """The start of the partition that a row is in, by UTC; of an instant without a time zone, for that costs a twentieth."""
    return f"make_timestamptz(epoch_us(date_trunc('{table.grain}', make_timestamp(epoch_us(cast(\"{table.instant}\" as timestamptz))))))"


def _refuse_nulls(table: Table, batch: pa.RecordBatch, where: str) -> None:
    for column in table.columns:
        if not column.nullable and batch.column(column.name).null_count:
            raise LorgnetteError(
                f"{table.name}.{column.name} must not be null, but {batch.column(column.name).null_count} rows have none", where=where
            )
