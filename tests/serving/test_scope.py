"""What a reader's scope hides stays hidden, whatever the query says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from lake_schema import TABLES
from pipelines.serving.door import Door
from pipelines.serving.errors import QueryError
from pipelines.serving.gate import Admitted
from pipelines.serving.limits import Limits
from pipelines.serving.query import Desk
from pipelines.serving.scope import EVERYTHING, Scope
from pipelines.serving.wire import Question, Request

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipelines.lake import Lake

_PAY = Scope(clusters=None, namespaces=("pay",), may_read_bodies=False)


@pytest.fixture(scope="module")
def opened(sample: Lake) -> Iterator[Door]:
    with Door(sample.url, Limits(max_rows=None), workers=1) as door:
        yield door


def rows(door: Door, sql: str, scope: Scope = EVERYTHING) -> list[dict[str, Any]]:
    return door.query(sql, scope=scope).table.to_pylist()


@pytest.mark.parametrize("table", [table.name for table in TABLES.values() if table.namespace_column])
def test_only_rows_of_the_namespaces_are_there(opened: Door, table: str) -> None:
    column = TABLES[table].namespace_column
    expected = rows(opened, f"select * from {table} where {column} = 'pay' order by all")  # noqa: S608 - names of the schema
    bodies = TABLES[table].body_columns
    assert rows(opened, f"select * from {table} order by all", _PAY) == [row | dict.fromkeys(bodies) for row in expected]  # noqa: S608 - the same
    assert expected or table in {"custom_records", "rollouts"}


@pytest.mark.parametrize("table", ["verdicts", "diagnoses"])
def test_rows_of_a_delivery_belong_to_its_namespace(opened: Door, table: str) -> None:
    expected = f"select * from {table} where delivery_id in (select delivery_id from deliveries where namespace = 'pay') order by all"  # noqa: S608 - names of the schema
    seen = rows(opened, f"select * from {table} order by all", _PAY)  # noqa: S608 - the same
    assert seen == rows(opened, expected)
    assert seen


@pytest.mark.parametrize("table", [table.name for table in TABLES.values() if not table.namespace_column and not table.is_of_deliveries])
def test_sums_are_there_only_for_the_namespaces(opened: Door, table: str) -> None:
    seen = rows(opened, f"select * from {table}", _PAY)  # noqa: S608 - names of the schema
    labels = TABLES[table].label_columns
    if labels is None:
        assert seen == []
    else:
        assert {(row[labels[0]], row[labels[1]]) for row in seen} <= {("namespace", "pay")}


def test_some_sums_are_there(opened: Door) -> None:
    assert rows(opened, "select count(*) > 0 as any from slo_minutely", _PAY) == [{"any": True}]
    assert rows(opened, "select count(*) > 0 as any from phase_stats_hourly", _PAY) == [{"any": True}]


@pytest.mark.parametrize("table", ["error_clusters_hourly", "error_clusters_daily"])
def test_what_a_comparison_tells_about_others_is_null(opened: Door, table: str) -> None:
    compared = ("rate_elsewhere", "lift", "p_value", "q_value")
    seen = rows(opened, f"select * from {table} order by all", _PAY)  # noqa: S608 - names of the schema
    mine = rows(opened, f"select * from {table} where dimension = 'namespace' and value = 'pay' order by all")  # noqa: S608 - the same
    assert seen == [row | dict.fromkeys(compared) for row in mine]
    assert any(row["rate_elsewhere"] is not None for row in mine)


def test_bodies_are_null_without_the_right_to_read_them(opened: Door) -> None:
    scope = Scope(clusters=None, namespaces=None, may_read_bodies=False)
    for table in TABLES.values():
        for column in table.body_columns:
            counts = rows(opened, f'select count(*) as n, count("{column}") as bodies from {table.name}', scope)  # noqa: S608 - names of the schema
            assert counts == rows(opened, f"select count(*) as n, 0 as bodies from {table.name}")  # noqa: S608 - the same
    described = "select column_name, column_type from (describe objects)"
    assert rows(opened, described, scope) == rows(opened, described)
    assert rows(opened, "select count(*) as n from objects where body like '%spec%'", scope) == [{"n": 0}]


@pytest.mark.parametrize(
    "sql",
    [
        "select count(*) as n from {table} where {other}",
        "select count(*) as n from (select * from {table}) where {other}",
        "with {table} as (select * from {table}) select count(*) as n from {table} where {other}",
        "select count(*) as n from {table} a full join {table} b using (delivery_id) where {other_of_b}",
        "select count(*) filter ({other}) as n from {table}",
        "select count(*) as n from {table} where not ({other}) is distinct from null and {other}",
        "select count(*) as n from {table} tablesample 100% where {other}",
        "select coalesce(sum(n), 0)::int as n from (select count(*) as n, bool_or({other}) as is_other from {table} group by all) where is_other",
    ],
)
def test_no_query_steps_around_it(opened: Door, sql: str) -> None:
    for table, other in (("deliveries", "{}namespace <> 'pay'"), ("diagnoses", "{}delivery_id not in (select delivery_id from deliveries)")):
        text = sql.format(table=table, other=other.format(""), other_of_b=other.format("b."))
        if table == "diagnoses" and "filter" in sql:
            continue
        assert rows(opened, text, _PAY) == [{"n": 0}], text


@pytest.mark.parametrize("table", ["deliveries", "verdicts", "diagnoses"])
def test_no_expression_is_made_to_fail_on_hidden_rows(opened: Door, table: str) -> None:
    # An error that shows a value, or that there is one, would tell about rows of others.
    mine = "delivery_id in (select delivery_id from deliveries where namespace = 'pay')"
    codes = f"select error_code as code from {table} where error_code is not null and"  # noqa: S608 - names of the schema
    code = rows(opened, f"{codes} not {mine} except {codes} {mine} order by all")[0]["code"]
    for trap in (
        f"cast(case when error_code = '{code}' then error_code else '1' end as int) = 1",
        f"case when error_code = '{code}' then error(error_code) end is null",
        f"try_cast(error_code as int) is null and if(error_code = '{code}', error_code, '1')::int = 1",
        f"kind <> '' and list_extract([1], case when error_code = '{code}' then error_code::int else 1 end) = 1",
    ):
        sql = f"select count(*) as n from {table} where {trap}"  # noqa: S608 - from the lake
        with pytest.raises(QueryError, match=code):
            rows(opened, sql)
        assert rows(opened, sql, _PAY)[0]["n"] > 0


def test_scopes_do_not_mix_in_one_process(opened: Door) -> None:
    everything = rows(opened, "select count(*) as n from deliveries")
    mine = rows(opened, "select count(*) as n from deliveries", _PAY)
    assert mine != everything
    assert rows(opened, "select count(*) as n from deliveries") == everything
    assert rows(opened, "select count(*) as n from deliveries", Scope(("other",), None, may_read_bodies=True)) == [{"n": 0}]
    assert rows(opened, "select count(*) as n from deliveries", Scope(None, (), may_read_bodies=True)) == [{"n": 0}]


def test_scopes_do_not_mix_where_a_connection_is_kept(sample: Lake) -> None:
    desk = Desk(sample.url, Limits())

    def count(scope: Scope, *, is_ours: bool = True) -> int:
        texts = ("select count(*) as n from deliveries", "select count(request_body) as n from audit_events")
        asked = Request(tuple(map(Question, texts)), scope, is_ours=is_ours)
        deliveries, bodies = [part.batch["n"][0].as_py() for part in desk.answer(asked) if part.batch.num_rows]
        assert (bodies > 0) == scope.may_read_bodies or not deliveries
        return int(deliveries)

    everything, mine = count(EVERYTHING), count(_PAY)
    assert 0 < mine < everything
    for scope, is_ours in ((_PAY, True), (EVERYTHING, False), (_PAY, True), (EVERYTHING, True), (_PAY, False), (_PAY, True)):
        assert count(scope, is_ours=is_ours) == (mine if scope is _PAY else everything)
    assert count(Scope(("other",), None, may_read_bodies=True)) == 0


def test_a_kept_connection_stays_locked(sample: Lake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    desk = Desk(sample.url, Limits())
    list(desk.answer(Request((Question("select 1 as one from deliveries"),), EVERYTHING, is_ours=True)))
    monkeypatch.setattr("pipelines.serving.query.admit", lambda _, sql: Admitted(sql, ()))
    for sql in (f"copy (select 1) to '{tmp_path / 'written'}'", "set lock_configuration = false", "select * from read_text('/etc/hostname')"):
        list(desk.answer(Request((Question("select 1 as one from deliveries"),), EVERYTHING, is_ours=True)))
        with pytest.raises(QueryError, match=r"disabled|locked"):
            list(desk.answer(Request((Question(sql),), EVERYTHING, is_ours=True)))
