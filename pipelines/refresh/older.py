"""Files that an older version wrote: which columns of today they lack.

Here: `Columns`, what files have, and the rows of `absent_columns`, which `coverage` names. Not here: reading such files, where what is absent is null
(`lake_schema.model.Table.duckdb_files`, `pipelines.lake`). Derived files of an older version are made anew by a refresh.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from lake_schema import TABLES
from lake_schema.model import INSTANT, TEXT
from pipelines.lake import is_committed_by_ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    import duckdb

    from lake_schema import Table
    from pipelines.refresh.partitions import Partitions

NAME = "absent_columns"
_SCHEMA = pa.schema([("bucket_at", INSTANT), ("column_name", TEXT)])
# To look at a file costs a quarter of a millisecond, at one of a bucket a request; to read files as if some were old, two milliseconds a query.
_MOST_LOOKS = 64


class Columns:
    """What columns files have, each looked at once."""

    def __init__(self) -> None:
        self._known: dict[str, frozenset[tuple[str, str]]] = {}

    def are_whole(self, con: duckdb.DuckDBPyConnection, table: Table, paths: Collection[str]) -> bool:
        """Whether all files surely have all columns of a table, of the types that it has today."""
        unknown = [path for path in paths if path not in self._known]
        if len(unknown) > _MOST_LOOKS or any("://" in path for path in unknown):
            return False
        if unknown:
            rows = con.execute("select file_name, list((name, duckdb_type)) from parquet_schema($1) group by file_name", [unknown]).fetchall()
            self._known |= {path: frozenset(columns) for path, columns in rows}
        wanted = {(column.name, column.duckdb_type) for column in table.columns}
        return all(wanted <= self._known[path] for path in paths)


def create(con: duckdb.DuckDBPyConnection, rows: pa.Table | None = None) -> None:
    """The table `absent_columns`: an hour, and a column (`<table>.<column>`) that a raw file of it lacks."""
    con.register("absent_rows", _SCHEMA.empty_table() if rows is None else rows)
    con.execute(f"create or replace table {NAME} as from absent_rows")
    con.unregister("absent_rows")


def absent(con: duckdb.DuckDBPyConnection, native: Callable[[str], str], partitions: Partitions, from_at: datetime, to_at: datetime) -> pa.Table:
    """What the raw files of the hours from `from_at` to `to_at` (exclusive) lack, by their footers."""
    found: set[tuple[datetime, str]] = set()
    for table in (table for table in TABLES.values() if is_committed_by_ledger(table)):
        hours = {native(path): hour for hour, partition in partitions.between(table.name, from_at, to_at) for path in partition.paths}
        if hours and not partitions.columns.are_whole(con, table, hours):
            rows = con.execute("select file_name, list(name) from parquet_schema($1) group by file_name", [list(hours)]).fetchall()
            found |= {(hours[path], f"{table.name}.{name}") for path, names in rows for name in set(table.column_names) - set(names)}
    return pa.Table.from_pylist([{"bucket_at": hour, "column_name": name} for hour, name in sorted(found)], _SCHEMA)
