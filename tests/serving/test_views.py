"""The views that any DuckDB reads: the rows that the door gives, without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import fsspec
import pytest

from lake_schema import TABLES
from pipelines.lake import Lake
from pipelines.serving.door import Door
from pipelines.serving.limits import Limits
from pipelines.serving.views import views_sql
from tests.raw_rows import at, put_ledger, put_source

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def opened(sample: Lake) -> Iterator[Door]:
    with Door(sample.url, Limits(max_rows=None, max_bytes=None), workers=1) as door:
        yield door


@pytest.fixture(scope="module")
def plain(sample: Lake) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB that knows nothing but the views."""
    with duckdb.connect() as con:
        con.execute(views_sql(sample))
        yield con


@pytest.mark.parametrize("table", TABLES)
def test_the_rows_are_those_of_the_door(opened: Door, plain: duckdb.DuckDBPyConnection, table: str) -> None:
    columns = ", ".join(f'"{name}"' for name in TABLES[table].column_names)
    sql = f"select {columns} from {table} order by all"  # noqa: S608 - names of the schema
    guarded = opened.query(sql).table
    assert plain.sql(sql).to_arrow_table().cast(guarded.schema).equals(guarded)


def test_folders_are_typed_columns(plain: duckdb.DuckDBPyConnection) -> None:
    types = {row[0]: row[1] for row in plain.execute("describe deliveries").fetchall()}
    assert (types["cluster"], types["date"], types["hour"]) == ("VARCHAR", "DATE", "INTEGER")
    assert plain.execute("select distinct cluster from deliveries where date = date '2026-11-23' and hour = 7").fetchall() == [("eu/prod 1'",)]


def test_a_filter_on_folders_skips_files(filled: Lake) -> None:
    with duckdb.connect() as con:
        con.execute(views_sql(filled))
        plan = con.execute("explain analyze select count(*) from audit_events where date = date '2026-11-24'").fetchall()[0][1]
    assert "1/4" in plan or "Total Files Read: 1" in plan, plan


def test_raw_files_that_the_ledger_does_not_name_are_no_rows(filled: Lake) -> None:
    put_ledger(filled, "a", "s", filled.read("sources", "a")["raw_files"].to_pylist()[0][:1], "d1", [])
    with duckdb.connect() as con:
        con.execute(views_sql(filled))
        assert _counts(con) == {"a": 1, "b": 1}
        # Views are no copy: what is committed later is there too.
        put_source(filled, "b", "t", [at(0), at(5)])
        assert _counts(con) == {"a": 1, "b": 3}


def test_a_lake_behind_a_url_is_read_by_its_url(bucket: str) -> None:
    lake = Lake.open(f"{bucket}/lake")
    put_source(lake, "a", "s", [at(0), at(1)])
    text = views_sql(lake)
    assert f"'{bucket}/lake/audit_events/" in text
    assert "create secret" in text
    with duckdb.connect() as con:
        # Where DuckDB's own client for S3 cannot be installed, fsspec's does the reading.
        con.register_filesystem(fsspec.filesystem("s3"))
        con.execute("set async_threads = 1")
        con.execute(text)
        assert _counts(con) == {"a": 2}


def _counts(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    return dict(con.execute("select cluster, count(*) from audit_events group by all").fetchall())
