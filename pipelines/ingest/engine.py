"""One chunk of a source → its raw rows, by the queries of `sql/ingest`.

Here: `Engine`, which any number of threads may use at once: each has a cursor of its own, and DuckDB lets go of the interpreter while
it works. Not here: which rows repeat earlier ones, and where they go (`source_run`).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from pipelines import sql_files
from pipelines.errors import ConfigError
from pipelines.ingest.chunks import BadRecord, records
from pipelines.ingest.memory import keep_freed_pages
from pipelines.ingest.policy import session_variables, switched_off

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from pipelines.config import Settings
    from pipelines.ingest.chunks import Chunk, Records
    from pipelines.sources import Detected, Shape

# One thread per query: the chunks side by side are what uses the cores.
_DATABASE: dict[str, Any] = {"threads": 1, "temp_directory": ""}
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
    """

    lines: int
    filtered: int
    kept_lines: NDArray[np.int64]
    kept_keys: NDArray[np.uint64]
    tables: dict[str, pa.Table]
    quarantine: pa.Table


@cache
def query(name: str) -> str:
    """The text of `sql/ingest/<name>.sql`."""
    return (sql_files.folder() / "ingest" / f"{name}.sql").read_text(encoding="utf-8")


class Engine:
    """An in-memory DuckDB with the redaction macros."""

    def __init__(self, settings: Settings) -> None:
        keep_freed_pages()
        self._database = duckdb.connect(config=_DATABASE)
        self._variables = session_variables(settings)
        self._local = threading.local()
        self._max_line_bytes = settings.ingest.max_line_bytes
        cursor = self._cursor()
        for macros in (query("_masking"), query("_redaction"), query("_mapping"), *switched_off(settings)):
            cursor.execute(macros)
        _refuse_bad_patterns(cursor)

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def typed(self, detected: Detected, chunk: Chunk) -> TypedChunk:
        """Type all records of one chunk. Records that cannot be read come back in `quarantine`, redacted.

        Raises:
            duckdb.Error: A query failed on records that are valid JSON.
        """
        cursor, shape = self._cursor(), detected.shape
        found = records(chunk, detected.framing, self._max_line_bytes if not shape.is_expanding else len(chunk.data))
        try:
            parsed, bad = self._parsed(cursor, shape, found.table), found.bad
        except duckdb.InvalidInputException:
            # One broken line fails the whole query: only then is each line looked at.
            valid, broken = self._valid(cursor, found.table)
            parsed, bad = self._parsed(cursor, shape, valid), [*found.bad, *broken]
        return self._sorted_out(cursor, shape, parsed, found, bad)

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        if not hasattr(self._local, "cursor"):
            cursor = self._database.cursor()
            cursor.execute("set TimeZone = 'UTC'")
            _set_variables(cursor, self._variables)
            self._local.cursor = cursor
        return self._local.cursor  # type: ignore[no-any-return]

    def _run(self, name: str) -> pa.Table:
        """The result of a query over what is registered; never prepared, for a prepared one may read what was registered before."""
        return self._cursor().sql(query(name)).to_arrow_table()

    def _parsed(self, cursor: duckdb.DuckDBPyConnection, shape: Shape, table: pa.Table) -> pa.Table:
        _set_variables(cursor, shape.variables)
        cursor.register(shape.records, table)
        for step in shape.steps:
            table = self._run(step.query)
            cursor.register(step.gives, table)
        return table

    def _valid(self, cursor: duckdb.DuckDBPyConnection, table: pa.Table) -> tuple[pa.Table, list[BadRecord]]:
        cursor.register("texts", table)
        is_valid = self._run("valid_lines")["is_valid"]
        broken = table.filter(pc.invert(is_valid))
        bad = [
            BadRecord(no, "not JSON", line.rstrip("\r\n")) for no, line in zip(broken["line_no"].to_pylist(), broken["line"].to_pylist(), strict=True)
        ]
        return table.filter(is_valid), bad

    def _sorted_out(self, cursor: duckdb.DuckDBPyConnection, shape: Shape, parsed: pa.Table, found: Records, bad: list[BadRecord]) -> TypedChunk:
        lines = parsed.num_rows + len(bad) + found.blank if shape.is_expanding else found.count
        if shape.is_expanding:
            bad = [BadRecord(parsed.num_rows + found.blank + no, each.reason, each.raw) for no, each in enumerate(bad)]
        kept = parsed.select(["line_no", "record_key"]).filter(parsed["is_kept"])
        typed = TypedChunk(
            lines=lines,
            filtered=found.blank + int(pc.sum(parsed["is_filtered"]).as_py() or 0),
            kept_lines=kept["line_no"].to_numpy(),
            kept_keys=kept["record_key"].to_numpy(),
            tables={table: self._run(table) for table in shape.tables},
            quarantine=self._quarantine(cursor, parsed, bad),
        )
        for name in {shape.records, "texts", *(step.gives for step in shape.steps)}:
            cursor.unregister(name)
        return typed

    def _quarantine(self, cursor: duckdb.DuckDBPyConnection, parsed: pa.Table, bad: list[BadRecord]) -> pa.Table:
        """What could not be read, redacted: nothing of it leaves this engine as it was."""
        unreadable = parsed.filter(pc.is_valid(parsed["reason"])).select(QUARANTINE_SCHEMA.names).cast(QUARANTINE_SCHEMA)
        rows = [{"line_no": each.line_no, "reason": each.reason, "raw": each.raw} for each in bad]
        found = pa.concat_tables([unreadable, pa.Table.from_pylist(rows, QUARANTINE_SCHEMA)])
        if not found.num_rows:
            return found
        cursor.register("bad_lines", found)
        hidden = self._run("bad_lines").cast(QUARANTINE_SCHEMA)
        cursor.unregister("bad_lines")
        return hidden.sort_by("line_no")


def _set_variables(cursor: duckdb.DuckDBPyConnection, variables: Mapping[str, object]) -> None:
    for name, value in variables.items():
        cursor.execute(f"set variable {name} = $value", {"value": value})


def _refuse_bad_patterns(cursor: duckdb.DuckDBPyConnection) -> None:
    try:
        cursor.execute("select regexp_matches('', getvariable('redact_patterns'))").fetchall()
    except duckdb.Error as error:
        raise ConfigError(
            f"A redaction pattern is not understood: {error}", where="redaction.patterns", remedy="Use the syntax of RE2, which knows no look-around."
        ) from error
