"""The guarded query: it reads the lake and nothing else, within its limits."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from pipelines.serving.errors import QueryError
from pipelines.serving.gate import admit
from pipelines.serving.limits import Limits
from pipelines.serving.query import run_query
from tests.raw_rows import at, put_ledger, put_source

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pipelines.lake import Lake


@pytest.fixture
def filled(lake: Lake) -> Lake:
    """Two clusters: three audit events in `a`, one in `b`."""
    put_source(lake, "a", "s", [at(0), at(1), at(30)])
    put_source(lake, "b", "s", [at(0)])
    return lake


def rows(lake: Lake, sql: str, clusters: Sequence[str] | None = None, **limits: object) -> list[tuple[object, ...]]:
    result = run_query(lake.url, sql, Limits(**limits), clusters)  # type: ignore[arg-type]
    return [tuple(row.values()) for row in result.table.to_pylist()]


def test_it_reads_tables_of_the_lake(filled: Lake) -> None:
    assert rows(filled, "select cluster, count(*) from audit_events group by all order by all") == [("a", 3), ("b", 1)]


def test_it_sees_only_the_clusters_that_it_may(filled: Lake) -> None:
    assert rows(filled, "select distinct cluster from audit_events", clusters=["b"]) == [("b",)]
    assert rows(filled, "select distinct cluster from audit_events where cluster = 'a'", clusters=["b"]) == []


def test_it_sees_only_what_is_committed(filled: Lake) -> None:
    put_ledger(filled, "a", "s", [], "d2", [])
    assert rows(filled, "select distinct cluster from audit_events") == [("b",)]


def test_filters_on_time_find_the_same_rows(filled: Lake) -> None:
    sql = "select count(*) from audit_events where stage_at >= timestamptz '2026-11-23 08:00:00Z' and stage_at < timestamptz '2026-11-24 13:00:00.000001Z'"
    assert rows(filled, sql) == [(2,)]
    assert rows(filled, "select count(*) from audit_events where stage_at = timestamptz '2026-11-24 13:00:00Z' and cluster = 'a'") == [(1,)]


def test_a_table_without_files_is_empty(filled: Lake) -> None:
    assert rows(filled, "select count(*) from deliveries") == [(0,)]


def test_values_are_bound_and_never_read_as_sql(filled: Lake) -> None:
    result = run_query(filled.url, "select $name as name", Limits(), params={"name": "'; drop table x"})
    assert result.table.to_pylist() == [{"name": "'; drop table x"}]


@pytest.mark.parametrize(
    "sql",
    [
        "copy (select 1) to '{out}'",
        "with x as (copy (select 1) to '{out}') select 1",
        "with x as (insert into pods values (1) returning *) select * from x",
        "explain analyze copy (select 1) to '{out}'",
        "create table x as select 1",
        "attach '{out}' as x",
        "export database '{out}'",
        "install httpfs",
        "load httpfs",
        "set lock_configuration = false",
        "pragma database_list",
        "call duckdb_settings()",
        "select 1; select 2",
        "",
        "-- nothing",
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('/etc/passwd')",
        "select * from glob('/*')",
        "select * from '/etc/passwd'",
        "select * from query('select 1')",
        "select * from query_table('pods')",
        "select * from duckdb_settings()",
        "select (select content from read_text('/etc/passwd'))",
        "select * from pods where exists (from read_blob('/etc/passwd'))",
        "select * from pods union all select * from read_parquet('/x')",
        "select * from information_schema.tables",
        "select * from main.pods",
        "select * from memory.main.pods",
        "select * from lake",
        "select sleep_ms(100000)",
    ],
)
def test_whatever_does_more_than_read_the_lake_is_refused(filled: Lake, tmp_path: Path, sql: str) -> None:
    out = tmp_path / "written"
    with pytest.raises(QueryError) as caught:
        rows(filled, sql.replace("{out}", str(out)))
    assert caught.value.remedy
    assert not out.exists()


def test_the_connection_itself_is_locked_too(filled: Lake) -> None:
    # Were the gate fooled, the connection would still refuse.
    assert rows(
        filled,
        "select current_setting('lock_configuration'), current_setting('enable_external_access'), current_setting('python_enable_replacements')",
    ) == [(True, False, False)]


def test_python_variables_are_no_tables(filled: Lake) -> None:
    secret = filled.read("sources")
    with pytest.raises(QueryError, match="no table secret"):
        rows(filled, "select * from secret")
    assert secret.num_rows == 2


def test_common_table_expressions_may_have_any_name(filled: Lake) -> None:
    assert rows(filled, "with recursive pods as (select 1 as a union all select a + 1 from pods where a < 3) select sum(a) from pods") == [(6,)]


def test_a_near_miss_is_answered_with_the_name_that_was_meant(filled: Lake) -> None:
    with pytest.raises(QueryError) as caught:
        rows(filled, "select * from delivery")
    assert caught.value.remedy == "Did you mean deliveries?"


def test_a_syntax_error_says_where(filled: Lake) -> None:
    with pytest.raises(QueryError) as caught:
        rows(filled, "select *\nfrm pods")
    assert caught.value.where
    assert caught.value.where.startswith("line 2")


def test_rows_beyond_the_limit_are_cut_off_and_said_so(filled: Lake) -> None:
    result = run_query(filled.url, "select * from range(50000)", Limits(max_rows=20_000))
    assert (result.table.num_rows, result.is_cut) == (20_000, True)
    result = run_query(filled.url, "select * from range(20000)", Limits(max_rows=20_000))
    assert (result.table.num_rows, result.is_cut) == (20_000, False)


def test_bytes_beyond_the_limit_are_cut_off_and_said_so(filled: Lake) -> None:
    result = run_query(filled.url, "select repeat('x', 1000) from range(100000)", Limits(max_rows=None, max_bytes=1_000_000))
    assert result.is_cut
    assert result.table.num_rows < 100_000


def test_a_long_query_is_stopped(filled: Lake) -> None:
    started_s = time.monotonic()
    with pytest.raises(QueryError, match="took longer than 1 s"):
        rows(filled, "select count(*) from range(100000000000) r where r.range % 7 = 3", timeout_s=1.0)
    assert time.monotonic() - started_s < 30


def test_too_much_memory_is_an_error_with_a_remedy(filled: Lake) -> None:
    with pytest.raises(QueryError, match="more than 100MB of memory"):
        rows(filled, "select range, md5(range::varchar) from range(20000000) order by 2", memory_limit="100MB")


def test_the_gate_names_the_tables_that_are_read() -> None:
    admitted = admit("with x as (select * from Pods) select * from x join (from verdicts) using (cluster) where uid in (select uid from deliveries)")
    assert admitted.tables == ("deliveries", "pods", "verdicts")
