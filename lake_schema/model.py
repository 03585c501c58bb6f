"""The vocabulary of the schema: what a column and a table are, and the types that engines derive from them.

Here: `Column`, `Table`, `Grain` and the translations to Arrow, DuckDB and Polars. Not here: the tables themselves (one
module each beside this one) and anything that reads or writes a file (`pipelines.lake`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    import polars as pl

INSTANT = pa.timestamp("us", tz="UTC")
TEXT = pa.string()
INT = pa.int64()
COUNT = pa.int64()
SECONDS = pa.float64()
RATE = pa.float64()
FLAG = pa.bool_()
TEXTS = pa.list_(pa.string())

_DUCKDB_TYPES = {
    INSTANT: "TIMESTAMP WITH TIME ZONE",
    TEXT: "VARCHAR",
    INT: "BIGINT",
    SECONDS: "DOUBLE",
    FLAG: "BOOLEAN",
    TEXTS: "VARCHAR[]",
    pa.date32(): "DATE",
}


# How a row says which namespace it belongs to: by a column, or by a label `namespace` and its value.
_NAMESPACES = ("namespace", "involved_namespace")
_LABELS = (("scope", "scope_value"), ("dimension", "value"))


class Grain(StrEnum):
    """How a table's files are cut: the depth of its partition path."""

    HOUR = "hour"
    DAY = "day"
    MONTH = "month"
    SOURCE = "source"


_PARTITION_TYPES: dict[Grain, dict[str, str]] = {
    Grain.HOUR: {"date": "DATE", "hour": "INTEGER"},
    Grain.DAY: {"date": "DATE"},
    Grain.MONTH: {"month": "VARCHAR"},
    Grain.SOURCE: {},
}


@dataclass(frozen=True, slots=True)
class Column:
    """One named, typed, described column.

    Args:
        name: Snake case; instants end in `_at`, seconds in `_s`, milliseconds in `_ms`.
        type: Arrow type; one of the constants of this module.
        description: One sentence; the data dictionary prints it.
        nullable: Whether a null is a legal value. A table's check asserts it.
        check: A SQL expression over the column that must not be false, such as `rate between 0 and 1`.
        is_body: Whether it holds whole bodies as they were logged, which not every reader may see.
        is_of_others: Whether a namespace's row tells there about other namespaces too, by comparison.
    """

    name: str
    type: pa.DataType
    description: str
    nullable: bool = True
    check: str | None = None
    is_body: bool = False
    is_of_others: bool = False

    @property
    def duckdb_type(self) -> str:
        """The column's type as DuckDB spells it."""
        return _DUCKDB_TYPES[self.type]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the lake.

    Args:
        name: Plural noun; also the folder's name in the lake.
        zone: `raw`, `timeline`, `delivery`, `diagnosis`, `slo`, `tail` or `quality`.
        grain: How its files are cut.
        instant: The column whose value decides the partition of a row; None for the grain `source`.
        description: What one row is.
        columns: In the order of the files.
        primary_key: The columns that name a row; files are sorted by them unless `order` says otherwise.
        order: The sort order inside a file, which must contain the primary key.
    """

    name: str
    zone: str
    grain: Grain
    instant: str | None
    description: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    order: tuple[str, ...] = field(default=())

    @property
    def column_names(self) -> list[str]:
        """The columns' names in file order."""
        return [column.name for column in self.columns]

    @property
    def sort_key(self) -> tuple[str, ...]:
        """The order of the rows in a file."""
        return self.order or self.primary_key

    @property
    def partition_types(self) -> dict[str, str]:
        """The parts of a file's path and their DuckDB types, for readers that take columns from paths."""
        return {"cluster": "VARCHAR"} | _PARTITION_TYPES[self.grain]

    @property
    def body_columns(self) -> tuple[str, ...]:
        """The columns that hold whole bodies."""
        return tuple(column.name for column in self.columns if column.is_body)

    @property
    def columns_of_others(self) -> tuple[str, ...]:
        """The columns in which a namespace's row tells about other namespaces."""
        return tuple(column.name for column in self.columns if column.is_of_others)

    @property
    def namespace_column(self) -> str | None:
        """The column that names the namespace that a row belongs to, if there is one."""
        return next((name for name in _NAMESPACES if name in self.column_names), None)

    @property
    def label_columns(self) -> tuple[str, str] | None:
        """Of a table of sums by several things: the columns that say what a row is about, and which one."""
        return next((pair for pair in _LABELS if set(pair) <= set(self.column_names)), None)

    @property
    def is_of_deliveries(self) -> bool:
        """Whether each row belongs to one delivery, and so to its namespace."""
        return "delivery_id" in self.column_names

    def arrow_schema(self) -> pa.Schema:
        """The schema of the table's files."""
        return pa.schema([pa.field(c.name, c.type, nullable=c.nullable) for c in self.columns])

    def polars_schema(self) -> pl.Schema:
        """The schema as Polars reads the files."""
        import polars as pl

        return pl.Schema(pl.from_arrow(self.arrow_schema().empty_table()).schema)  # type: ignore[union-attr]

    def duckdb_select(self, relation: str, *, first: str | None = None) -> str:
        """A DuckDB query that casts `relation` to this table: its columns, its types, its order, after that of `first`."""
        columns = ", ".join(f'cast("{c.name}" as {c.duckdb_type}) as "{c.name}"' for c in self.columns)
        order = ", ".join(([] if first is None else [first]) + [f'"{name}"' for name in self.sort_key])
        return f"select {columns} from {relation} order by {order}"  # noqa: S608 - names of this schema, and a relation of ours

    def duckdb_files(self, files: str, *, are_whole: bool = False) -> str:
        """A DuckDB query over files of this table, which `files` lists; a column that files of an older version lack is null there.

        Unlike `union_by_name` it opens no file but those that hold what is asked for. Files that are known to be whole need no list of types, which each query would read anew.
        """
        if are_whole:
            columns = ", ".join(f'"{c.name}"' for c in self.columns)
            return f"select {columns} from read_parquet({files}, hive_partitioning = false)"  # noqa: S608 - names of this schema
        columns = ", ".join(f'cast("{c.name}" as {c.duckdb_type}) as "{c.name}"' for c in self.columns)
        known = ", ".join(f"'{c.name}': {{'name': '{c.name}', 'type': '{c.duckdb_type}', 'default_value': null}}" for c in self.columns)
        return f"select {columns} from read_parquet({files}, hive_partitioning = false, schema = map {{{known}}})"  # noqa: S608 - names of this schema

    def duckdb_empty(self) -> str:
        """A DuckDB query with this table's columns and no rows."""
        columns = ", ".join(f'cast(null as {c.duckdb_type}) as "{c.name}"' for c in self.columns)
        return f"select {columns} where false"
