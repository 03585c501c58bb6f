"""One chunk of a source → its raw rows, by the queries of `sql/ingest`.

Here: `Engine`, which any number of threads may use at once: each has a cursor of its own, and DuckDB lets go of the interpreter while
it works. Not here: which rows repeat earlier ones, and where they go (`source_run`).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from lake_schema import TABLES
from lake_schema.model import TEXTS
from pipelines.errors import ConfigError
from pipelines.ingest.chunks import BadRecord, records
from pipelines.ingest.memory import keep_freed_pages
from pipelines.ingest.policy import switched_off, values
from pipelines.ingest.prepared import Queries, Session, has_query, query, with_values
from pipelines.ingest.repeated_texts import with_hidden_texts, with_lists
from pipelines.ingest.rows import Rows

if TYPE_CHECKING:
    from datetime import datetime

    import numpy as np
    from numpy.typing import NDArray

    from pipelines.config import Settings
    from pipelines.ingest.chunks import Chunk, Records
    from pipelines.sources import Detected, Shape

# One thread per query: the chunks side by side are what uses the cores.
_DATABASE: dict[str, Any] = {"threads": 1, "temp_directory": ""}
MACROS = ("_masking", "_redaction", "_mapping", "_keys", "_servers")
# What tells versions of objects apart, beside their columns.
_KEYS = ("is_read", "version_key", "sighting_key")
# Tables whose rows are told by `body_table`.
_WITH_BODIES = ("k8s_events", "objects")
_OF_EVENTS = ["line_no", "origin", "partition_at", "observed_at", "received_at", "is_deleted", "body"]
QUARANTINE_SCHEMA = pa.schema([("line_no", pa.int64()), ("reason", pa.string()), ("raw", pa.string())])


@dataclass(frozen=True, slots=True)
class TypedChunk:
    """The rows of one chunk; `line_no` counts from 0 in the chunk.

    Args:
        lines: All lines (or items), blank ones too.
        filtered: Those that the policy leaves out, blank ones among them.
        kept_lines: The line of each kept one, in ascending order.
        kept_keys: What tells a repeat, for each kept line.
        tables: Rows by raw table.
        quarantine: `line_no`, `reason`, `raw`.
        filtered_until: The latest instant that a line which is left out tells, if any does.
    """

    lines: int
    filtered: int
    kept_lines: NDArray[np.int64]
    kept_keys: NDArray[np.uint64]
    tables: dict[str, Rows]
    quarantine: pa.Table
    filtered_until: datetime | None = None


class Engine:
    """An in-memory DuckDB with the redaction macros."""

    def __init__(self, settings: Settings) -> None:
        keep_freed_pages()
        self._database = duckdb.connect(config=_DATABASE)
        self._values = values(settings)
        self._local = threading.local()
        self._max_line_bytes = settings.ingest.max_line_bytes
        cursor = self._database.cursor()
        _refuse_bad_patterns(cursor, settings.redaction.patterns)
        for macros in (*map(query, MACROS), *switched_off(settings)):
            cursor.execute(with_values(macros, self._values))

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def typed(self, detected: Detected, chunk: Chunk) -> TypedChunk:
        """Type all records of one chunk. Records that cannot be read come back in `quarantine`, redacted.

        Raises:
            duckdb.Error: A query failed on records that are valid JSON.
        """
        shape, queries = detected.shape, self._queries(detected.shape)
        found = records(chunk, detected.framing, self._max_line_bytes if not shape.is_expanding else len(chunk.text))
        try:
            parsed, bad = _parsed(queries, shape, found.table), found.bad
        except duckdb.InvalidInputException:
            # One broken line fails the whole query: only then is each line looked at.
            valid, broken = _valid(queries, found.table)
            parsed, bad = _parsed(queries, shape, valid), [*found.bad, *broken]
        try:
            return _sorted_out(queries, shape, parsed, found, bad)
        finally:
            queries.take_away()

    def _session(self) -> Session:
        if not hasattr(self._local, "session"):
            cursor = self._database.cursor()
            cursor.execute("set TimeZone = 'UTC'")
            self._local.session = Session(cursor)
            self._local.queries = {}
        return self._local.session  # type: ignore[no-any-return]

    def _queries(self, shape: Shape) -> Queries:
        session = self._session()
        if shape.name not in self._local.queries:
            self._local.queries[shape.name] = Queries(session, shape.name, {**self._values, **shape.variables})
        return self._local.queries[shape.name]  # type: ignore[no-any-return]


def _parsed(queries: Queries, shape: Shape, table: pa.Table) -> pa.Table:
    queries.hand(shape.records, table)
    for step in shape.steps:
        table = queries.run(step.query)
        queries.hand(step.gives, table)
    return with_hidden_texts(queries, table)


def _valid(queries: Queries, table: pa.Table) -> tuple[pa.Table, list[BadRecord]]:
    queries.hand("texts", table)
    is_valid = queries.run("valid_lines")["is_valid"]
    broken = table.filter(pc.invert(is_valid))
    bad = [BadRecord(no, "not JSON", line.rstrip("\r\n")) for no, line in zip(broken["line_no"].to_pylist(), broken["line"].to_pylist(), strict=True)]
    return table.filter(is_valid), bad


def _sorted_out(queries: Queries, shape: Shape, parsed: pa.Table, found: Records, bad: list[BadRecord]) -> TypedChunk:
    lines = parsed.num_rows + len(bad) + found.blank if shape.is_expanding else found.count
    if shape.is_expanding:
        bad = [BadRecord(parsed.num_rows + found.blank + no, each.reason, each.raw) for no, each in enumerate(bad)]
    kept = parsed.select(["line_no", "record_key"]).filter(parsed["is_kept"])
    return TypedChunk(
        lines=lines,
        filtered=found.blank + int(pc.sum(parsed["is_filtered"]).as_py() or 0),
        filtered_until=_latest(parsed),
        kept_lines=kept["line_no"].to_numpy(),
        kept_keys=kept["record_key"].to_numpy(),
        tables={table: _rows(queries, parsed, table) for table in shape.tables},
        quarantine=_quarantine(queries, parsed, bad),
    )


def _latest(parsed: pa.Table) -> datetime | None:
    """The latest instant that a row which is left out tells: up to there the log goes."""
    if "partition_at" not in parsed.column_names:
        return None
    left_out = parsed["partition_at"].filter(pc.fill_null(parsed["is_filtered"], fill_value=False))
    latest: datetime | None = pc.max(left_out).as_py()
    return latest


def _rows(queries: Queries, parsed: pa.Table, table: str) -> Rows:
    """The rows of a raw table, by the query of its name or, without one, as they are in `parsed`: an object's own columns begin with `object_`."""
    is_wanted = parsed["is_kept"]
    if table in _WITH_BODIES:
        is_wanted = pc.and_(is_wanted, pc.fill_null(pc.equal(parsed["body_table"], table), fill_value=False))
    if table == "k8s_events":
        # Without an optimizer, a query reads each column of each row that it is handed.
        queries.hand("events", parsed.select(_OF_EVENTS).filter(is_wanted))
    if has_query(table):
        return Rows.of(queries.run(table))
    columns, prefix = ("line_no", *TABLES[table].column_names), ""
    if table == "objects":
        columns, prefix = (*columns, *_KEYS), "object_"
    found = set(parsed.column_names)
    names = {name: f"{prefix}{name}" if f"{prefix}{name}" in found else name for name in columns if name in found or f"{prefix}{name}" in found}
    lists = [column.name for column in TABLES[table].columns if column.type == TEXTS]
    return Rows.of(with_lists(parsed.select(list(names.values())).rename_columns(list(names)), lists), is_wanted)


def _quarantine(queries: Queries, parsed: pa.Table, bad: list[BadRecord]) -> pa.Table:
    """What could not be read, redacted: nothing of it leaves this engine as it was."""
    unreadable = parsed.filter(pc.is_valid(parsed["reason"])).select(QUARANTINE_SCHEMA.names).cast(QUARANTINE_SCHEMA)
    rows = [{"line_no": each.line_no, "reason": each.reason, "raw": each.raw} for each in bad]
    found = pa.concat_tables([unreadable, pa.Table.from_pylist(rows, QUARANTINE_SCHEMA)])
    if not found.num_rows:
        return found
    queries.hand("bad_lines", found)
    return queries.run("bad_lines").cast(QUARANTINE_SCHEMA).sort_by("line_no")


def _refuse_bad_patterns(cursor: duckdb.DuckDBPyConnection, patterns: list[str]) -> None:
    for pattern in patterns:
        try:
            cursor.execute("select regexp_matches('', $1)", [pattern]).fetchall()
        except duckdb.Error as error:
            raise ConfigError(
                f"A redaction pattern is not understood: {error}",
                where="redaction.patterns",
                remedy="Use the syntax of RE2, which knows no look-around.",
            ) from error
