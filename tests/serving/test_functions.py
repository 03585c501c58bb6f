"""Every function that this DuckDB has is either allowed to people's SQL or refused, and somebody has looked at it."""

from __future__ import annotations

import duckdb
import pytest

from pipelines.serving.functions import FUNCTIONS, REFUSED, TABLE_FUNCTIONS, is_allowed, why_refused
from pipelines.serving.gate import admit

# What the parser makes of other words, and what it alone knows.
_SYNTAX = {"->", "position"}
_REMEDY = "look at what they do, and put them into pipelines/serving/functions.txt or among what functions.py refuses"


def _names(*kinds: str) -> set[str]:
    with duckdb.connect() as con:
        # As the workers have it: what loads by itself is there.
        rows = con.execute(
            "select distinct lower(function_name) from duckdb_functions() where list_contains($1, function_type)", [list(kinds)]
        ).fetchall()
    # `is distinct from` is a comparison to the parser.
    return {name for (name,) in rows if " " not in name}


def test_every_function_is_in_one_of_the_two_lists() -> None:
    names = _names("scalar", "aggregate", "window", "macro")
    assert len(names) > 900
    unknown = sorted(name for name in names if not is_allowed(name) and not why_refused(name))
    assert unknown == [], _REMEDY
    assert sorted(FUNCTIONS & REFUSED) == []


def test_what_is_allowed_is_there() -> None:
    assert sorted(FUNCTIONS - _names("scalar", "aggregate", "window", "macro") - TABLE_FUNCTIONS - _SYNTAX) == []
    assert _names("table") >= TABLE_FUNCTIONS


@pytest.mark.parametrize("kind", ["table", "table_macro", "pragma"])
def test_nothing_that_reads_files_or_runs_text_is_allowed_under_another_kind(kind: str) -> None:
    harmless = TABLE_FUNCTIONS | {"histogram", "repeat"}
    assert {name for name in _names(kind) if is_allowed(name)} <= harmless


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("select no_such_function_of_2_1(message) from hyper_events", "There is no function no_such_function_of_2_1 that a query may call"),
        ("select cuont(*) from pods", "Did you mean count?"),
        ("select GETENV('HOME')", "it reads settings or the environment"),
        ("select current_setting('x') over () from pods", "it reads settings or the environment"),
        ("select system.main.getenv('HOME')", "it reads settings or the environment"),
    ],
)
def test_what_is_in_neither_list_is_refused_and_says_what_is_meant(sql: str, words: str) -> None:
    with duckdb.connect() as con, pytest.raises(Exception, match=r"function") as caught:
        admit(con, sql)
    assert words in str(caught.value)


def test_words_of_the_language_pass() -> None:
    sql = """select [x + 1 for x in l], a->>'b', l[1:2], s.f, coalesce(a, b), if(a, b, c), ifnull(a, b), {'a': 1}, map {'a': 1}, a like 'x' escape '!', a not ilike 'x',
        a similar to 'b', a in (1, 2), current_timestamp, current_date, current_time, localtimestamp, extract(hour from a), a at time zone 'x', position('a' in b), trim(both 'x' from a),
        cast(a as int), -a, not a, try_cast(a as int), try(a), a between 1 and 2, list_transform(l, lambda x: x), unnest(l), a collate nocase, count(*), count(distinct a) filter (b),
        quantile_cont(a, 0.5), percentile_cont(0.5) within group (order by a), interval 1 hour, date '2020-01-01', a is distinct from b, a ^ 2, ~1, @ -1, 5!, a glob 'x',
        overlay(a placing b from 1), substring(a from 1 for 2), array[1], row(1, 2), (1, 2), exists (select 1), a = any(l), row_number() over (), lag(a) over (order by b), sum(a) over (),
        string_agg(a, ',' order by b), list(a), arg_max(a, b), nullif(a, b), greatest(a, b), grouping(a), concat_ws(',', a), format('{}', a), strftime(a, '%Y'), date_trunc('hour', a)
        from pods, range(3), json_each(x) group by all"""
    with duckdb.connect() as con:
        assert admit(con, sql).tables == ("pods",)
