"""Rows of a few objects, cut out of files that hold everybody's.

Here: `Cut`, which rows are wanted, and reading them. A page about one object asks ten queries; reading its rows once, and only those, costs a
tenth of what ten scans of whole hours cost. Polars decodes the other columns of a file only where a key matches, which neither Arrow nor DuckDB
does. Not here: which files there are (`datasets`), and who may see which rows (`pipelines.serving`).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from lake_schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    import polars as pl
    import pyarrow as pa

    from lake_schema import Table


# From which to which of the newest hours that may hold something are read at once, each time more.
GROUPS = ((0, 6), (6, 54), (54, None))


class Cut(NamedTuple):
    """The rows of a table that matter.

    Args:
        table: The table.
        keys: Columns of text and their values; a row matters if any of them is as said.
        parts: Columns of text and what is a part of their values, in lower case; the same.
        windows: Only partitions that one of these stretches of time touches hold such rows; as the rest of the request if None.
        is_exact: Whether rows beside the windows, in files that those touch, do not matter.
        is_rare: Whether few of these partitions hold such rows, so that it pays to find out which before any is opened.
    """

    table: str
    keys: tuple[tuple[str, tuple[str, ...]], ...]
    windows: tuple[tuple[datetime, datetime], ...] | None = None
    is_rare: bool = False
    is_exact: bool = False
    parts: tuple[tuple[str, str], ...] = ()


def cut_out(contents: Sequence[bytes], table: Table, cut: Cut, columns: Collection[str]) -> pa.Table:
    """The rows that matter of some files, with some of their columns; in the order of the files.

    Args:
        contents: The files, each as it was at one moment. Files of older versions may lack columns.
        table: Their table.
        cut: Which rows.
        columns: Which columns.

    Raises:
        OSError: A file is damaged.
    """
    import polars as pl
    import pyarrow as pa

    schema = pa.schema([field for field in table.arrow_schema() if field.name in columns])
    if not contents:
        return schema.empty_table()
    scanned = pl.scan_parquet(
        list(contents),
        schema=_stored_schema(table.name),
        hive_partitioning=False,
        parallel="prefiltered",
        missing_columns="insert",
        extra_columns="ignore",
    )
    try:
        rows = scanned.filter(_wanted(table, cut)).select(schema.names).collect()
    except pl.exceptions.PolarsError as error:
        message = f"{table.name}: {error}"
        raise OSError(message) from error
    return rows.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(schema)


def _wanted(table: Table, cut: Cut) -> pl.Expr:
    import polars as pl

    by_keys = [pl.col(name).is_in(list(values)) for name, values in cut.keys]
    wanted = pl.any_horizontal(*by_keys, *(pl.col(name).str.contains(part, literal=True) for name, part in cut.parts))
    if not cut.is_exact or cut.windows is None or table.instant is None:
        return wanted
    at = pl.col(table.instant)
    return wanted & pl.any_horizontal((at >= from_at) & (at < to_at) for from_at, to_at in cut.windows)


@cache
def _stored_schema(table: str) -> pl.Schema:
    return TABLES[table].polars_schema()


def warm_up() -> None:
    """Read something small once, so that the library is loaded and has the memory that it reserves."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = TABLES["verdicts"]
    file = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist([], table.arrow_schema()), file)
    cut_out([file.getvalue().to_pybytes()] * 2, table, Cut(table.name, (("delivery_id", ("",)),)), table.column_names)
