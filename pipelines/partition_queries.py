"""Small SELECTs over one cluster and a stretch of time: the checks (`sql/checks`) and the summaries (`sql/summaries`).

A file `<table>__<name>.sql` starts with its sentence and names the tables that it reads:

    -- Every line of a source is accounted for.
    -- inputs: sources
    -- severity: error

It sees them as views of the cluster's partitions that the stretch touches, whole, beside `params` (one row: `cluster`, `from_at`, `to_at`) and
`partitions` (one row per derived file: its footer). Here: reading the files and opening the views. Not here: what a result means
(`pipelines.checks`, `pipelines.summaries`), and the tables' own SQL (`pipelines.sql_files`).
"""

from __future__ import annotations

import re
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import duckdb
import pyarrow as pa

from lake_schema import TABLES
from pipelines.errors import LorgnetteError
from pipelines.lake import bucket_end
from pipelines.sql_files import folder

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    from lake_schema import Table
    from pipelines.lake import Lake, LakeFile

Result = TypeVar("Result")
PARTITIONS = "partitions"
_KEY = re.compile(r"--\s*(inputs|severity):\s*(.*)")
_PARTITIONS_SCHEMA = pa.schema(
    [
        ("table_name", pa.string()),
        ("bucket_at", pa.timestamp("us", tz="UTC")),
        ("rows", pa.int64()),
        ("open", pa.int64()),
        ("watermark_at", pa.timestamp("us", tz="UTC")),
    ]
)


@dataclass(frozen=True, slots=True)
class PartitionQuery:
    """One file.

    Args:
        table: The table that it is about.
        name: What it is called, after the two underscores.
        description: Its first sentence.
        inputs: The tables that it reads; `partitions` among them if it reads footers.
        severity: `error` or `warning`, for a check.
        text: The SELECT.
    """

    table: str
    name: str
    description: str
    inputs: tuple[str, ...]
    severity: str
    text: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """A cluster from `from_at` to `to_at` (exclusive)."""

    cluster: str
    from_at: datetime
    to_at: datetime


@cache
def queries(kind: str, root: Path | None = None) -> dict[str, tuple[PartitionQuery, ...]]:
    """The files of `sql/<kind>`, by table.

    Raises:
        LorgnetteError: A file's name or header is wrong.
    """
    found: dict[str, list[PartitionQuery]] = {}
    for path in sorted(((root or folder()) / kind).glob("*.sql")):
        query = _parsed(path, kind)
        found.setdefault(query.table, []).append(query)
    return {table: tuple(each) for table, each in found.items()}


@contextmanager
def views(lake: Lake, stretch: Stretch, tables: Collection[str], memory_limit: str = "1GB") -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB connection that sees of each table the partitions that a stretch of time touches; tables of the grain `source` whole."""
    with tempfile.TemporaryDirectory(prefix="lorgnette-") as spill:
        con = duckdb.connect(config={"memory_limit": memory_limit, "temp_directory": spill})
        try:
            con.execute("set timezone = 'UTC'")
            lake.attach(con)
            _create_params(con, stretch)
            for name in tables:
                if name == PARTITIONS:
                    con.register(PARTITIONS, _partitions(lake, stretch))
                else:
                    _create_view(con, lake, TABLES[name], stretch)
            yield con
        finally:
            con.close()


def files_of(lake: Lake, table: Table, stretch: Stretch) -> list[LakeFile]:
    """The files that a reader may see of a stretch of time."""
    found = lake.visible_files(table.name, stretch.cluster)
    return [
        file
        for file in found
        if file.bucket_at is None or (file.bucket_at < stretch.to_at and bucket_end(table.grain, file.bucket_at) > stretch.from_at)
    ]


def read_again(read: Callable[[], Result]) -> Result:
    """Call `read`; once more, from a fresh listing, if a file was replaced or removed under it."""
    try:
        return read()
    except (duckdb.IOException, FileNotFoundError):
        return read()


@contextmanager
def explained(where: str) -> Iterator[None]:
    """Turn an error of DuckDB into one that names the query; a file that is gone stays what it is, for `read_again`."""
    try:
        yield
    except duckdb.IOException:
        raise
    except duckdb.Error as error:
        raise LorgnetteError(
            f"The query fails: {error}",
            where=where,
            remedy="If a file of the lake is damaged, delete it and run `lorgnette refresh`; else mend the SQL.",
        ) from error


def rows(con: duckdb.DuckDBPyConnection, query: str, params: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """All rows of a query; meant for few."""
    result = con.execute(query, params or {})
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _parsed(path: Path, kind: str) -> PartitionQuery:
    where, text = f"sql/{kind}/{path.name}", path.read_text(encoding="utf-8")
    table, separator, name = path.stem.partition("__")
    header = [line for line in text.splitlines() if line.startswith("--")]
    keys = {match[1]: match[2].strip() for line in header if (match := _KEY.match(line))}
    inputs = tuple(each.strip() for each in keys.get("inputs", "").split(",") if each.strip())
    unknown = [each for each in (table, *inputs) if each not in TABLES and each != PARTITIONS]
    if not separator or not name or unknown:
        raise LorgnetteError(
            f"A SQL file cannot be used: {unknown[0] if unknown else path.stem} is no table of lake_schema",
            where=where,
            remedy="Name the file <table>__<name>.sql, and tables of the lake under `inputs`.",
        )
    return PartitionQuery(table, name, header[0].removeprefix("--").strip(), inputs, keys.get("severity", "error"), text.rstrip().removesuffix(";"))


def _create_params(con: duckdb.DuckDBPyConnection, stretch: Stretch) -> None:
    con.execute(
        "create temp table params as select $cluster::varchar as cluster, $from_at::timestamptz as from_at, $to_at::timestamptz as to_at",
        {"cluster": stretch.cluster, "from_at": stretch.from_at, "to_at": stretch.to_at},
    )


def _create_view(con: duckdb.DuckDBPyConnection, lake: Lake, table: Table, stretch: Stretch) -> None:
    paths = [lake.native(file.path) for file in files_of(lake, table, stretch)]
    select = table.duckdb_empty()
    if paths:
        con.execute(f'set variable "{table.name}_files" = $1', [paths])
        select = table.duckdb_files(f"getvariable('{table.name}_files')")
    with explained(f"{lake.url}/{table.name}, cluster {stretch.cluster}"):
        con.execute(f'create temp view "{table.name}" as {select}')


def _partitions(lake: Lake, stretch: Stretch) -> pa.Table:
    """The footers of all derived files of a stretch."""
    derived = [table for table in TABLES.values() if table.zone != "raw"]
    files = [file for table in derived for file in files_of(lake, table, stretch)]
    footers = lake.footers(files)
    return pa.Table.from_pylist([_partition(file, footers[file.path]) for file in files if file.path in footers], _PARTITIONS_SCHEMA)


def _partition(file: LakeFile, footer: dict[str, str]) -> dict[str, Any]:
    watermark = footer.get("watermark") or None
    return {
        "table_name": file.table,
        "bucket_at": file.bucket_at,
        "rows": int(footer.get("rows", 0)),
        "open": int(footer.get("open", 0)),
        "watermark_at": datetime.fromisoformat(watermark) if watermark else None,
    }
