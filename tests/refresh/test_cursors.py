"""Stages are made side by side: each once, after what it needs, by its own views, and nothing goes on when one fails."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.refresh.cursors import Cursor, cursors, side_by_side

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENDLESS = "select count(*) from range(10000000) as a, range(10000000) as b where (a.range * b.range) % 7 = 3"


@pytest.fixture
def pair() -> Iterator[list[Cursor]]:
    """Two cursors of one connection, whatever machine this is."""
    with duckdb.connect(config={"threads": 1}) as con, con.cursor() as other:
        yield [Cursor(con), Cursor(other)]


@pytest.fixture(scope="module")
def unused() -> Iterator[Cursor]:
    """A cursor that nothing is asked of."""
    with duckdb.connect() as con:
        yield Cursor(con)


@given(needs=st.lists(st.sets(st.integers(0, 9)), max_size=10), free=st.integers(1, 3))
def test_each_is_made_once_after_what_it_needs(unused: Cursor, needs: list[set[int]], free: int) -> None:
    graph = {str(name): [str(each) for each in before if each < name] + ["made long ago"] for name, before in enumerate(needs)}
    made: list[str] = []
    side_by_side(graph, lambda name, _: made.append(name), [unused] * free)
    assert sorted(made) == sorted(graph)
    assert all(made.index(each) < made.index(name) for name, before in graph.items() for each in before if each in graph)


def test_two_that_need_nothing_of_each_other_run_at_the_same_time(pair: list[Cursor]) -> None:
    meeting = threading.Barrier(2, timeout=20)
    side_by_side({"a": [], "b": []}, lambda _name, _cursor: meeting.wait() and None, pair)
    assert not meeting.broken


def test_a_failure_is_raised_stops_what_runs_and_what_would_follow(pair: list[Cursor]) -> None:
    begun = threading.Event()
    made: list[str] = []

    def make(name: str, cursor: Cursor) -> None:
        if name == "endless":
            begun.set()
            cursor.con.execute(_ENDLESS)
        elif name == "bad":
            assert begun.wait(20)
            cursor.con.execute("select * from nowhere")
        made.append(name)

    with pytest.raises(duckdb.CatalogException, match="nowhere"):
        side_by_side({"endless": [], "bad": [], "later": ["bad"]}, make, pair)
    assert made == []


def test_tables_are_shared_and_views_are_not(pair: list[Cursor], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("files")
    for number in range(2):
        pair[0].con.execute(f"copy (select {number} as number) to '{folder}/{number}.parquet'")
    for number, cursor in enumerate(pair):
        cursor.view("numbers", "from read_parquet(getvariable('numbers_files'))", [f"{folder}/{number}.parquet"])
        cursor.con.execute(f'create table "stage{number}" as from numbers')
    assert [pair[1 - number].con.execute(f"from stage{number}").fetchall() for number in range(2)] == [[(0,)], [(1,)]]


def test_a_view_follows_its_files_and_its_text(pair: list[Cursor], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("files")
    con = pair[0].con
    for number in range(2):
        con.execute(f"copy (select {number} as number) to '{folder}/{number}.parquet'")
    read = "from read_parquet(getvariable('numbers_files'))"
    seen = []
    for select, files in ((read, [0]), (read, [1]), ("select 7 as number where false", []), (read, [0, 1])):
        pair[0].view("numbers", select, [f"{folder}/{number}.parquet" for number in files])
        seen.append(con.execute("from numbers order by all").fetchall())
    assert seen == [[(0,)], [(1,)], [], [(0,), (1,)]]


@pytest.mark.parametrize(("cores", "threads", "at_a_time"), [(1, 1, 1), (2, 1, 2), (8, 7, 2)])
def test_every_core_has_something_to_do(cores: int, threads: int, at_a_time: int) -> None:
    with duckdb.connect(config={"threads": cores}) as con:
        assert len(cursors(con)) == at_a_time
        assert con.execute("select current_setting('threads')").fetchall() == [(threads,)]


def test_cursors_see_times_as_the_connection_does() -> None:
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        shown = {cursor.con.execute("select date_trunc('day', '2026-11-23 01:00+00'::timestamptz)::varchar").fetchall()[0] for cursor in cursors(con)}
    assert shown == {("2026-11-23 00:00:00+00",)}
