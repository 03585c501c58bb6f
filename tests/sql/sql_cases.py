"""Runs one SQL file of `sql/` on rows written in YAML.

Here: how a case's rows become typed inputs, how stages are built and what counts as the expected result.
Not here: the cases (`<table>.yaml` beside this file) and the collection of them (`test_sql.py`).

A case:

    - name: what it shows
      params: {cluster: c, from_at: "2026-11-23T07:00:00Z", to_at: "2026-11-23T08:00:00Z", watermark_at: "2026-11-25T00:00:00Z"}
      given:
        deliveries: [{delivery_id: d1, started_at: "07:00:05"}]
        _stage: [{any_at: "07:00:05", any_s: 1.5}]
        objectives: [{kind: pod_create, objective: wall, target: 0.99}]
      where: scope = 'cluster'
      expect: [{total: 1}]
      in_order: true

`params` may be left out, wholly or in part: the cluster is `c`, the range one hour (one day for a table of days) from
2026-11-23T07:00:00Z (00:00), November 2026 for a table of months, the watermark a week later. Tables get the schema's types; what a row leaves out is null, but for `cluster`.
Stages and rule tables take their types from the column's name (`_at`, `_s`, `_ms`) or the values. A stage that is not given is built by its own
file. A time without a date is one of the day of `from_at`. `where` picks the rows that are compared. Rows are compared as a set unless
`in_order` is true, on the columns that `expect` names, numbers to 9 digits. A case's own `rules` come before the built-in ones; a table that it gives replaces
that of the rules.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pytest
import yaml

from lake_schema import TABLES, Grain
from lake_schema.model import INSTANT, SECONDS, TEXT
from pipelines import rules, stats
from pipelines.refresh import older
from pipelines.sql_files import SqlFile, load

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, Any]


class _Yaml12Loader(yaml.SafeLoader):
    """YAML as people read it: `07:10:00` is text, not a number of seconds, and a date is text too."""


_Yaml12Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in {"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:int"}]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Yaml12Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789"))


def load_cases(path: Path) -> list[Row]:
    """The cases of one file."""
    cases: list[Row] = yaml.load(path.read_text(), Loader=_Yaml12Loader)  # noqa: S506 (derives from SafeLoader)
    return cases


@cache
def sql_file(name: str) -> SqlFile:
    """The SQL file of a table or stage, with its header read."""
    return load().files[name]


def run_case(name: str, case: Row) -> None:
    """Run the SQL file `name` on a case's rows and compare.

    Raises:
        AssertionError: The rows differ from what the case expects, break a declared check or repeat a primary key.
    """
    con = _connection()
    con.begin()
    try:
        _run(con, name, case)
    finally:
        con.rollback()


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    """A connection that knows the macros, functions and built-in rules. What a case makes on it is rolled back, since they take long to register."""
    con = duckdb.connect(config={"threads": 1})
    _execute(con, "set timezone = 'UTC'")
    stats.register(con)
    rules.register(con, _rules())
    return con


def _run(con: duckdb.DuckDBPyConnection, name: str, case: Row) -> None:
    params = _params(name, case.get("params", {}))
    _create(con, "params", [params], _schema("params", [params]))
    if own := case.get("rules"):
        rules.register(con, {rule_set: own.get(rule_set, []) + builtin for rule_set, builtin in _rules().items()})
    if older.NAME not in case["given"]:
        older.create(con)
    given = {table: _typed(table, rows, params) for table, rows in case["given"].items()}
    for table, rows in given.items():
        _create(con, table, rows, _schema(table, rows))
    built = set(given)
    _build_inputs(con, name, built)
    _execute(con, f"create temp table result as {sql_file(name).text}")
    if name in TABLES:
        _check_contract(con, name)
    _compare(_result(con, name, case.get("where", "true")), _typed(name, case["expect"], params), in_order=case.get("in_order", False))


def _execute(con: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = con.execute(query).fetchall()
    return rows


def _params(name: str, given: Row) -> Row:
    grain = TABLES[name].grain if name in TABLES else Grain.HOUR
    day, hour = {Grain.DAY: (23, 0), Grain.MONTH: (1, 0)}.get(grain, (23, 7))
    from_at = _instant(given.get("from_at", f"2026-11-{day:02}T{hour:02}:00:00Z"), None)
    to_at = (
        _instant(given["to_at"], from_at)
        if "to_at" in given
        else from_at + {Grain.DAY: timedelta(days=1), Grain.MONTH: timedelta(days=30)}.get(grain, timedelta(hours=1))
    )
    watermark_at = _instant(given["watermark_at"], from_at) if "watermark_at" in given else to_at + timedelta(days=7)
    return {"cluster": given.get("cluster", "c"), "from_at": from_at, "to_at": to_at, "watermark_at": watermark_at}


def _instant(value: str, day: datetime | None) -> datetime:
    text = f"{day:%Y-%m-%d}T{value}Z" if day and re.match(r"\d\d:\d\d", value) else value
    return datetime.fromisoformat(text).astimezone(UTC)


def _typed(table: str, rows: list[Row], params: Row) -> list[Row]:
    types = {c.name: c.type for c in TABLES[table].columns} if table in TABLES else {}
    unknown = {column for row in rows for column in row} - types.keys() if types else set()
    assert not unknown, f"{table} has no column {sorted(unknown)}"
    return [{name: _value(name, value, types.get(name), params["from_at"]) for name, value in row.items()} for row in rows]


def _value(name: str, value: object, type_: pa.DataType | None, day: datetime) -> object:
    is_instant = type_ == INSTANT if type_ else name.endswith("_at")
    return _instant(value, day) if is_instant and isinstance(value, str) else value


def _schema(table: str, rows: list[Row]) -> pa.Schema:
    if table in TABLES:
        return pa.schema([pa.field(c.name, c.type) for c in TABLES[table].columns])
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pa.schema([pa.field(name, _free_type(name, [row.get(name) for row in rows])) for name in names])


def _free_type(name: str, values: list[object]) -> pa.DataType:
    if name.endswith("_at"):
        return INSTANT
    if name.endswith(("_s", "_ms")):
        return SECONDS
    inferred = pa.array(values).type
    return TEXT if pa.types.is_null(inferred) else inferred


def _create(con: duckdb.DuckDBPyConnection, table: str, rows: list[Row], schema: pa.Schema) -> None:
    cluster = {"cluster": "c"} if table in TABLES else {}
    given_rows = pa.Table.from_pylist([{**cluster, **row} for row in rows], schema=schema)
    con.register("given_rows", given_rows)
    _execute(con, f'create or replace temp table "{table}" as from given_rows')
    con.unregister("given_rows")


@cache
def _rules() -> dict[str, list[Row]]:
    return rules.load()


def _build_inputs(con: duckdb.DuckDBPyConnection, name: str, built: set[str]) -> None:
    """Tables that the case does not give are empty; stages that it does not give are built by their own files."""
    file = sql_file(name)
    for table in {each.table for each in file.inputs} - built:
        _create(con, table, [], _schema(table, []))
        built.add(table)
    for stage in file.stages:
        if stage in built:
            continue
        _build_inputs(con, stage, built)
        _execute(con, f'create temp table "{stage}" as {sql_file(stage).text}')
        built.add(stage)


def _check_contract(con: duckdb.DuckDBPyConnection, name: str) -> None:
    table = TABLES[name]
    columns = {row[0] for row in _execute(con, "describe result")} - {"_reach_at", "_is_open"}
    assert columns == set(table.column_names), f"columns differ from the schema: {columns ^ set(table.column_names)}"
    key = ", ".join(f'"{column}"' for column in table.primary_key)
    is_whole = " and ".join(f'"{column}" is not null' for column in table.primary_key)
    repeated = _execute(con, f"select {key} from result where {is_whole} group by {key} having count(*) > 1")  # noqa: S608 (names of lake_schema)
    assert not repeated, f"primary key {table.primary_key} repeats: {repeated}"
    for check in (c.check for c in table.columns if c.check):
        broken = _execute(con, f"select * from result where not ({check})")  # noqa: S608 (of lake_schema)
        assert not broken, f"{check} is false of {broken}"


def _result(con: duckdb.DuckDBPyConnection, name: str, where: str) -> list[Row]:
    query = TABLES[name].duckdb_select("result") if name in TABLES else "from result"
    rows: list[Row] = con.sql(f"select * from ({query}) where {where}").to_arrow_table().to_pylist()  # noqa: S608 (of the case)
    return rows


def _compare(actual: list[Row], expected: list[Row], *, in_order: bool) -> None:
    names = list(dict.fromkeys(name for row in expected for name in row))
    seen = [{name: row[name] for name in names} for row in actual]
    report = "\n".join(["got:", *map(str, seen or actual), "expected:", *map(str, expected)])
    assert len(actual) == len(expected), report
    left = list(seen)
    for row in expected:
        found = next((i for i, candidate in enumerate(left[:1] if in_order else left) if _matches(candidate, row)), None)
        assert found is not None, f"no row like {row}\n{report}"
        left.pop(found)


def _matches(actual: Row, expected: Row) -> bool:
    return all(_equal(actual[name], value) for name, value in expected.items())


def _equal(actual: object, expected: object) -> bool:
    is_number = isinstance(expected, int | float) and not isinstance(expected, bool)
    return actual == (pytest.approx(expected, rel=1e-9, abs=0 if expected else 1e-12) if is_number else expected)
