"""The schema's own promises: names, keys and types that every engine can read."""

from __future__ import annotations

import duckdb
import polars as pl
import pyarrow as pa
import pytest

from lake_schema import TABLES, Grain, Table
from lake_schema.model import INSTANT

_TABLES = list(TABLES.values())


@pytest.mark.parametrize("table", _TABLES, ids=lambda table: table.name)
def test_keys_and_order_are_columns(table: Table) -> None:
    names = set(table.column_names)
    assert len(names) == len(table.columns)
    assert set(table.primary_key) <= names
    assert set(table.sort_key) <= names


@pytest.mark.parametrize("table", _TABLES, ids=lambda table: table.name)
def test_instants_are_utc_and_named_so(table: Table) -> None:
    instants = {column.name for column in table.columns if column.type == INSTANT}
    assert instants == {name for name in table.column_names if name.endswith("_at") or name == "at"}


@pytest.mark.parametrize("table", _TABLES, ids=lambda table: table.name)
def test_a_partition_is_decided_by_an_instant_that_is_never_null(table: Table) -> None:
    if table.grain is Grain.SOURCE:
        assert table.instant is None
        return
    column = next(column for column in table.columns if column.name == table.instant)
    assert column.type == INSTANT
    assert not column.nullable


@pytest.mark.parametrize("table", _TABLES, ids=lambda table: table.name)
def test_duckdb_and_polars_see_the_types_of_arrow(table: Table) -> None:
    con = duckdb.connect()
    con.execute("set timezone = 'UTC'")
    rows = con.sql(table.duckdb_empty()).to_arrow_table()
    assert rows.num_rows == 0
    assert rows.schema.names == table.column_names
    assert [_plain(kind) for kind in rows.schema.types] == [_plain(kind) for kind in table.arrow_schema().types]
    assert table.polars_schema().names() == table.column_names
    assert pl.Datetime("us", "UTC") in set(table.polars_schema().dtypes()) or table.instant is None


def _plain(kind: pa.DataType) -> pa.DataType:
    """A list's element name is no part of its type."""
    return pa.list_(kind.value_type) if pa.types.is_list(kind) else kind
