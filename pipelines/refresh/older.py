"""Raw files that an older version wrote: which columns of today they lack.

Here: the rows of `absent_columns`, which `coverage` names. Not here: reading such files, where what is absent is null
(`lake_schema.model.Table.duckdb_files`, `pipelines.lake`). Derived files of an older version are made anew by a refresh.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from lake_schema import TABLES
from lake_schema.model import INSTANT, TEXT
from pipelines.lake import is_committed_by_ledger

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    import duckdb

    from pipelines.refresh.partitions import Partitions

NAME = "absent_columns"
_SCHEMA = pa.schema([("bucket_at", INSTANT), ("column_name", TEXT)])


def create(con: duckdb.DuckDBPyConnection, rows: pa.Table | None = None) -> None:
    """The temporary table `absent_columns`: an hour, and a column (`<table>.<column>`) that a raw file of it lacks."""
    con.register("absent_rows", _SCHEMA.empty_table() if rows is None else rows)
    con.execute(f"create or replace temp table {NAME} as from absent_rows")
    con.unregister("absent_rows")


def absent(con: duckdb.DuckDBPyConnection, native: Callable[[str], str], partitions: Partitions, from_at: datetime, to_at: datetime) -> pa.Table:
    """What the raw files of the hours from `from_at` to `to_at` (exclusive) lack, by their footers."""
    found: set[tuple[datetime, str]] = set()
    for table in (table for table in TABLES.values() if is_committed_by_ledger(table)):
        hours = {native(path): hour for hour, partition in partitions.between(table.name, from_at, to_at) for path in partition.paths}
        if hours:
            rows = con.execute("select file_name, list(name) from parquet_schema($1) group by file_name", [list(hours)]).fetchall()
            found |= {(hours[path], f"{table.name}.{name}") for path, names in rows for name in set(table.column_names) - set(names)}
    return pa.Table.from_pylist([{"bucket_at": hour, "column_name": name} for hour, name in sorted(found)], _SCHEMA)
