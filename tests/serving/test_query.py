"""What comes through the door: rows of the lake, up to the limits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from pipelines.serving.door import Door
from pipelines.serving.errors import LimitError, QueryError, RefusedError
from pipelines.serving.gate import Admitted, admit
from pipelines.serving.limits import Limits
from pipelines.serving.query import Desk
from pipelines.serving.scope import EVERYTHING, Scope
from pipelines.serving.wire import Question, Request
from tests.raw_rows import put_ledger

if TYPE_CHECKING:
    from pipelines.lake import Lake


def rows(door: Door, sql: str, clusters: tuple[str, ...] | None = None) -> list[tuple[object, ...]]:
    result = door.query(sql, scope=Scope(clusters, namespaces=None, may_read_bodies=True))
    return [tuple(row.values()) for row in result.table.to_pylist()]


def test_it_reads_tables_of_the_lake(door: Door) -> None:
    assert rows(door, "select cluster, count(*) from audit_events group by all order by all") == [("a", 3), ("b", 1)]


def test_it_sees_only_the_clusters_that_it_may(door: Door) -> None:
    assert rows(door, "select distinct cluster from audit_events", ("b",)) == [("b",)]
    assert rows(door, "select distinct cluster from audit_events where cluster = 'a'", ("b",)) == []
    assert rows(door, "select distinct cluster from audit_events", ()) == []


def test_it_sees_only_what_is_committed(filled: Lake) -> None:
    put_ledger(filled, "a", "s", [], "d2", [])
    with Door(filled.url, workers=1) as opened:
        assert rows(opened, "select distinct cluster from audit_events") == [("b",)]


def test_filters_on_time_find_the_same_rows(door: Door) -> None:
    sql = "select count(*) from audit_events where stage_at >= timestamptz '2026-11-23 08:00:00Z' and stage_at < timestamptz '2026-11-24 13:00:00.000001Z'"
    assert rows(door, sql) == [(2,)]
    assert rows(door, "select count(*) from audit_events where stage_at = timestamptz '2026-11-24 13:00:00Z' and cluster = 'a'") == [(1,)]


def test_files_outside_of_what_a_query_asks_for_stay_closed(filled: Lake) -> None:
    # Damaged files of another hour and of another cluster do no harm to a query that says which it wants.
    for file in filled.files("audit_events"):
        if file.cluster == "b" or "date=2026-11-24" in file.path:
            Path(filled.native(file.path)).write_bytes(b"no Parquet")
    with Door(filled.url, workers=1) as opened:
        assert rows(opened, "select count(*) from audit_events where cluster = 'a' and stage_at < timestamptz '2026-11-24 00:00:00Z'") == [(2,)]
        with pytest.raises(QueryError):
            rows(opened, "select count(*) from audit_events where uid is null")


def test_a_table_without_files_is_empty(door: Door) -> None:
    assert rows(door, "select count(*) from deliveries") == [(0,)]


def test_an_answer_without_rows_has_its_columns(door: Door) -> None:
    table = door.query("select cluster, stage_at, user_groups, 'a'::enum('a', 'b') as word from audit_events where false").table
    assert table.num_rows == 0
    assert table.column_names == ["cluster", "stage_at", "user_groups", "word"]


def test_values_are_bound_and_never_read_as_sql(door: Door) -> None:
    assert door.query("select $name as name", {"name": "'; drop table x"}).table.to_pylist() == [{"name": "'; drop table x"}]


def test_the_connection_itself_is_locked_too(shared_lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Were the gate fooled, the connection would still refuse.
    monkeypatch.setattr("pipelines.serving.query.admit", lambda _, sql: Admitted(sql, ()))
    for sql in (
        f"copy (select 1) to '{tmp_path / 'written'}'",
        f"attach '{tmp_path / 'written'}' as x",
        "select * from read_text('/etc/hostname')",
        "set lock_configuration = false",
    ):
        with pytest.raises(QueryError, match=r"disabled|locked"):
            list(Desk(shared_lake.url, Limits()).answer(Request((Question(sql),), EVERYTHING)))
    assert not (tmp_path / "written").exists()


def test_python_variables_are_no_tables(shared_lake: Lake) -> None:
    secret = shared_lake.read("sources")
    with pytest.raises(RefusedError, match="no table secret"):
        list(Desk(shared_lake.url, Limits()).answer(Request((Question("select * from secret"),), EVERYTHING)))
    assert secret.num_rows == 2


@pytest.mark.parametrize("sql", ["select error(repeat('x', 100000))", "select repeat('x', 100000)::int"])
def test_an_error_does_not_repeat_a_whole_value(door: Door, sql: str) -> None:
    with pytest.raises(QueryError, match=r"1\d\d,\d{3} characters") as caught:
        door.query(sql)
    assert len(str(caught.value)) < 3000


def test_a_type_that_arrow_cannot_hold_has_its_remedy(door: Door) -> None:
    with pytest.raises(QueryError, match="Cast it"):
        door.query("select union_value(k := 2) as u")


def test_a_column_that_is_a_keyword_has_its_remedy(door: Door) -> None:
    for sql in ("select at from hyper_events", "select uid, AT, operation from hyper_events", "from hyper_events order by at"):
        with pytest.raises(RefusedError, match='write "at"'):
            door.query(sql)
    with pytest.raises(RefusedError, match=r"Correct it there\.$"):
        door.query('select "at" from from hyper_events')


def test_common_table_expressions_may_have_any_name(door: Door) -> None:
    assert rows(door, "with recursive pods as (select 1 as a union all select a + 1 from pods where a < 3) select sum(a) from pods") == [(6,)]


def test_tables_can_be_described_and_json_be_taken_apart(door: Door) -> None:
    assert ("cluster", "VARCHAR") in [row[:2] for row in rows(door, "describe audit_events")]
    assert rows(door, "select key, value from json_each('{\"a\": 1}')") == [("a", "1")]


def test_a_near_miss_is_answered_with_the_name_that_was_meant(door: Door) -> None:
    with pytest.raises(RefusedError) as caught:
        rows(door, "select * from delivery")
    assert caught.value.remedy == "Did you mean deliveries?"


def test_a_syntax_error_says_where(door: Door) -> None:
    with pytest.raises(RefusedError) as caught:
        rows(door, "select *\nfrm pods")
    assert caught.value.where
    assert caught.value.where.startswith("line 2")


def test_rows_beyond_the_limit_are_cut_off_and_said_so(door: Door) -> None:
    result = door.query("select * from range(50000)")
    assert (result.table.num_rows, result.is_cut) == (20_000, True)
    result = door.query("select * from range(20000)")
    assert (result.table.num_rows, result.is_cut) == (20_000, False)


def test_bytes_beyond_the_limit_are_cut_off_and_said_so(door: Door) -> None:
    result = door.query("select repeat('x', 1000) from range(15000)")
    assert result.is_cut
    assert result.table.num_rows < 15_000


def test_a_long_query_is_stopped(door: Door) -> None:
    with pytest.raises(LimitError, match="took longer than 1 s"):
        door.query("select count(*) from range(100000000000) r where r.range % 7 = 3")


def test_too_much_memory_is_an_error_with_a_remedy(door: Door) -> None:
    with pytest.raises(LimitError, match="more than 200MB of memory"):
        door.query("select list(range) from range(100000000)")


def test_the_gate_names_the_tables_that_are_read() -> None:
    sql = "with x as (select * from Pods) select * from x join (from verdicts) using (cluster) where uid in (select uid from deliveries)"
    with duckdb.connect() as con:
        assert admit(con, sql).tables == ("deliveries", "pods", "verdicts")
