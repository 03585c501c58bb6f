"""The lake for readers of their own: CREATE VIEW statements over its files, which any DuckDB understands.

Here: `views_sql`. The views give the rows that the door gives. Not here: a guard; whoever may read the files reads all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from lake_schema import TABLES
from pipelines.lake.lake import is_committed_by_ledger

if TYPE_CHECKING:
    from lake_schema import Table
    from pipelines.lake import Lake

_HEAD = """-- Views over the tables of the lake, for DuckDB 1.1 or newer: `duckdb -init views.sql`. Written by `lorgnette views`.
-- They read the files that are there when a query runs; a table without files is written as an empty one, so write this file again
-- when there are. `date`, `hour` and `month` are the files' folders: a filter on them skips files unopened.
"""
_REMOTE = """-- The bucket is read by DuckDB's own client. If it does not find your credentials:
-- install httpfs; load httpfs; install aws; load aws; create secret (type s3, provider credential_chain);
"""
_LEDGER = "sources"


def views_sql(lake: Lake) -> str:
    """One CREATE VIEW statement for each table."""
    head = _HEAD + (_REMOTE if "://" in lake.url else "") + "set timezone = 'UTC';\n"
    return head + "".join(f"\n-- {table.description}\n{_view(lake, table)}" for table in TABLES.values())


def _view(lake: Lake, table: Table) -> str:
    if not lake.files(table.name):
        return f"create or replace view {table.name} as\n{table.duckdb_empty()};\n"
    folders = [name for name in table.partition_types if name not in table.column_names]
    columns = ", ".join(f'"{name}"' for name in [*table.column_names, *folders])
    return f"create or replace view {table.name} as\nselect {columns}\nfrom (\n{table.duckdb_empty()}\nunion all by name\n{_rows(lake, table)}\n);\n"


def _rows(lake: Lake, table: Table) -> str:
    """The rows of a table; of a raw one those of the files that the ledger names."""
    if not is_committed_by_ledger(table):
        # To look whether files of older versions lack columns costs every query an opening of all files: only where some do.
        return f"from {_files(lake, table, *(['union_by_name = true'] if _lacks_columns(lake, table) else []))}"
    committed = f"select {_text(lake.native(''))} || unnest(raw_files) from {_files(lake, TABLES[_LEDGER])}"  # noqa: S608 - the lake's own path
    files = _files(lake, table, "union_by_name = true", "filename = 'lake_file'")
    return f"from {files}\nwhere lake_file in ({committed})"


def _lacks_columns(lake: Lake, table: Table) -> bool:
    """Whether any file of a table has not all columns of today."""
    paths = [lake.native(file.path) for file in lake.files(table.name)]
    with duckdb.connect() as con:
        lake.attach(con)
        rows = con.execute("select name, count(distinct file_name) from parquet_schema($1) group by name", [paths]).fetchall()
    counts = dict(rows)
    return any(counts.get(name, 0) < len(paths) for name in table.column_names)


def _files(lake: Lake, table: Table, *options: str) -> str:
    folders = "".join(f"{name}=*/" for name in table.partition_types)
    types = ", ".join(f"'{name}': {kind}" for name, kind in table.partition_types.items())
    arguments = [_text(lake.native(f"{table.name}/{folders}*.parquet")), "hive_partitioning = true", f"hive_types = {{{types}}}", *options]
    return f"read_parquet({', '.join(arguments)})"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
