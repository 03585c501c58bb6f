"""Rules as YAML become one CASE: what `match` may say, which rule wins, and what is refused. Not here: the built-in rules' meaning (`tests/sql`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from pipelines import rules, stats
from pipelines.rules import DIAGNOSIS_COLUMNS, HYPER_EVENT_COLUMNS
from pipelines.rules.compile import case_macro, extract_macro
from pipelines.rules.expressions import check_expression
from pipelines.rules.rule_error import RuleError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_COLUMNS = ("reason", "message", "code")


def _winner(
    match: Mapping[str, object] | Sequence[Mapping[str, object]], reason: str | None = None, message: str | None = None, code: int | None = None
) -> str | None:
    """The rule that wins for one row; several matches are rules in their order."""
    matches = [match] if isinstance(match, dict) else list(match)
    con = duckdb.connect()
    con.execute(case_macro(con, "winner", _COLUMNS, [{"rule": f"rule {place}", "match": each} for place, each in enumerate(matches)]))
    row = con.execute("select winner($1::varchar, $2::varchar, $3::bigint)", [reason, message, code]).fetchone()
    assert row is not None
    return None if row[0] is None else str(row[0])


@pytest.mark.parametrize(
    ("match", "row", "is_match"),
    [
        ({"reason": "Failed"}, {"reason": "Failed"}, True),
        ({"reason": "Failed"}, {"reason": "failed"}, False),
        ({"reason": "Failed"}, {"reason": None}, False),
        ({"reason": "it's"}, {"reason": "it's"}, True),
        ({"reason": ["A", "B"]}, {"reason": "B"}, True),
        ({"reason": ["A", None]}, {"reason": None}, True),
        ({"reason": None}, {"reason": None}, True),
        ({"reason": None}, {"reason": "A"}, False),
        ({"reason": {"matches": "^OutOf"}}, {"reason": "OutOfcpu"}, True),
        ({"reason": {"matches": "^OutOf"}}, {"reason": "Evicted"}, False),
        ({"code": 403}, {"code": 403}, True),
        ({"code": "2xx"}, {"code": 201}, True),
        ({"code": "2xx"}, {"code": 300}, False),
        ({"code": "not 2xx"}, {"code": 409}, True),
        ({"code": "not 2xx"}, {"code": None}, False),
        ({"code": "5xx"}, {"code": 504}, True),
        ({"code": [401, "5xx"]}, {"code": 401}, True),
        ({"reason": "A", "code": 1}, {"reason": "A", "code": 2}, False),
        ({"where": "code > 3 and reason like 'A%'"}, {"reason": "Ab", "code": 4}, True),
        ({}, {}, True),
    ],
)
def test_what_a_match_may_say(match: dict[str, object], row: dict[str, Any], *, is_match: bool) -> None:
    assert _winner(match, **row) == ("rule 0" if is_match else None)


def test_the_first_rule_that_matches_wins() -> None:
    assert _winner([{"reason": "B"}, {"message": {"matches": "disk"}}, {}], reason="A", message="no disk") == "rule 1"


def test_no_rules_match_nothing() -> None:
    assert _winner([], reason="A") is None


def test_the_first_group_of_a_pattern_is_extracted() -> None:
    con = duckdb.connect()
    con.execute(extract_macro("found", {"quota": "exceeded quota: ([^,]+)"}))
    assert con.execute("select found('quota', 'exceeded quota: small, requested: 1'), found('quota', 'else'), found('other', 'x')").fetchone() == (
        "small",
        None,
        None,
    )


@pytest.mark.parametrize(
    "expression",
    [
        "(select count(*) from read_csv('/etc/passwd')) > 0",
        "exists (select 1)",
        "row_number() over () = 1",
        "code > $1",
        "code = 1; drop table x",
        "code = 1, reason = 'A'",
        "code = 1), (code = 2",
        "true from facts where true",
        "true) from facts where (true",
        "true) from facts --",
        "true as x",
        "true -- always",
        "true /* always",
        "distinct true",
        "code =",
        "",
        "code",
        "reason || 'x'",
        "lower(reason, 3) = 'x'",
        "regexp_matches(reason, '(')",
        "nosuch(reason)",
        "count(*) > 1",
        "max(code) > 1",
        "list_sum(list(code)) > 1",
        "grouping(code) = 1",
        "unnest([true])",
        "columns('code') = 1",
        "#1 = 1",
        "reason = any(['A'])",
        "main.lower(reason) = 'x'",
        "now() > '2026-01-01'",
        "today() > '2026-01-01'",
        "current_localtimestamp() > '2026-01-01'",
        "pg_conf_load_time() > '2026-01-01'",
        "random() > 0.5",
        "uuid() = reason",
        "nextval('s') = 1",
        "getvariable('x') = 'y'",
        "current_setting('threads') = '1'",
        "current_database() = 'x'",
        "error('x') = 'x'",
        "format_type(1, 2) = 'x'",
        "read_text('x') = 'x'",
    ],
)
def test_an_expression_that_is_more_than_an_expression_is_refused(expression: str) -> None:
    with pytest.raises(RuleError, match="cannot be used"):
        _winner({"where": expression})


@pytest.mark.parametrize("expression", ["secret = 1", "facts.code = 1", "rowid = 1", "current_timestamp > '2026-01-01'", "current_user = 'x'", None])
def test_an_expression_over_another_column_is_refused(expression: str | None) -> None:
    with pytest.raises(RuleError, match="no column"):
        _winner({"where": expression})


@pytest.mark.parametrize(
    ("expression", "row", "is_match"),
    [
        ("lower(reason) = 'a' and code between 1 and 3", {"reason": "A", "code": 2}, True),
        ("coalesce(nullif(reason, ''), 'none') = 'none'", {"reason": ""}, True),
        ("reason in ('A', 'B') or message ilike '%disk%'", {"reason": "C", "message": "no Disk"}, True),
        ("message ->> '$.a' = 'b'", {"message": '{"a": "b"}'}, True),
        ("try_cast(message as double) > 1.5", {"message": "1"}, False),
        ("len(list_filter(string_split(message, ','), lambda part: part = reason)) = 2", {"reason": "x", "message": "x,y,x"}, True),
        ("case when code > 3 then reason = 'A' else false end", {"reason": "A", "code": 4}, True),
        (True, {}, True),
    ],
)
def test_a_pure_expression_over_the_row_is_taken(expression: object, row: dict[str, Any], *, is_match: bool) -> None:
    assert _winner({"where": expression}, **row) == ("rule 0" if is_match else None)


def test_the_macros_of_the_rules_are_taken_but_no_macro_that_reads_the_clock(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("create or replace temp macro since(text) as now() - text::timestamptz > interval 1 hour")
    wide = "quantity(message) > 1 or go_duration_s(message) > 60 or scheduling_detail(message) = 'HostPort'"
    assert "quantity(message)" in case_macro(con, "winner", _COLUMNS, [{"rule": "r", "match": {"where": wide}}])
    with pytest.raises(RuleError, match="since is no pure scalar function"):
        case_macro(con, "winner", _COLUMNS, [{"rule": "r", "match": {"where": "since(message)"}}])


def test_a_match_of_another_column_is_refused() -> None:
    with pytest.raises(RuleError, match="no column resaon") as caught:
        _winner({"resaon": "A"})
    assert "rule 0" in str(caught.value)
    assert "reason, message, code" in str(caught.value)


def test_a_match_of_no_known_form_is_refused() -> None:
    with pytest.raises(RuleError, match="no way to match"):
        _winner({"reason": {"regex": "x"}})


def test_the_built_in_rules_name_codes_and_columns_that_exist() -> None:
    loaded = rules.load()
    codes = {rule["error_code"] for rule in loaded["error_codes"]}
    named = {rule["error_code"] for rule in loaded["diagnosis"]} - {None}
    assert named - codes == set()
    for name, columns in (("hyper_events", HYPER_EVENT_COLUMNS), ("diagnosis", DIAGNOSIS_COLUMNS)):
        assert {column for rule in loaded[name] for column in rule["match"]} - {*columns, "where"} == set()
        names = [rule["rule"] for rule in loaded[name]]
        assert len(names) == len(set(names))


def test_every_error_code_has_a_known_stage_fault_and_advice() -> None:
    stages = {"admit", "schedule", "node", "volume", "sandbox", "image", "container", "readiness", "slow", "killed", "delete", "any"}
    for rule in rules.load()["error_codes"]:
        assert rule["stage"] in stages, rule
        assert rule["fault"] in {"platform", "capacity", "user", "unknown"}, rule
        assert rule["advice"].endswith((".", "?")), rule


def _own(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("rule_set", "columns"), [("hyper_events", HYPER_EVENT_COLUMNS), ("diagnosis", DIAGNOSIS_COLUMNS)])
def test_expressions_of_built_in_rules_which_no_command_checks_are_such_as_a_user_may_write(rule_set: str, columns: tuple[str, ...]) -> None:
    con = duckdb.connect()
    builtin = rules.load()
    rules.register(con, builtin)
    expressions = {rule["match"]["where"]: rule["rule"] for rule in builtin[rule_set] if "where" in rule["match"]}
    assert expressions
    assert set(expressions) <= rules.builtin_expressions()
    for expression, rule in expressions.items():
        check_expression(con, expression, columns, rule)


def test_cursors_see_all_macros_and_tables_of_rules() -> None:
    con = duckdb.connect()
    rules.register(con, rules.load())
    stats.register(con)
    own = con.execute(
        "select function_name from duckdb_functions() where not internal and database_name = 'temp' union all select table_name from duckdb_tables() where temporary"
    )
    assert own.fetchall() == []
    assert con.cursor().execute("select kind_of('pods'), count(*) > 0 from error_codes").fetchall() == [("Pod", True)]


def test_an_expression_of_the_user_is_checked(tmp_path: Path) -> None:
    own = _own(tmp_path, "diagnosis:\n- {rule: own, match: {where: 'random() > 0.5'}, error_code: FailedMount, detail: Ours}\n")
    with pytest.raises(RuleError, match="random is no pure scalar function"):
        rules.register(duckdb.connect(), rules.load([own]))


def test_a_rule_of_the_user_comes_first(tmp_path: Path) -> None:
    own = _own(tmp_path, "diagnosis:\n- {rule: own, match: {operation: 'event:FailedMount'}, error_code: FailedMount, detail: Ours}\n")
    con = duckdb.connect()
    rules.register(con, rules.load([own]))
    assert con.execute("select diagnosis_rule('event:FailedMount', null, null, null, 'x', null, null)").fetchone() == ("own",)
    assert con.execute("select detail from diagnosis_yields where rule = 'own'").fetchone() == ("Ours",)


def test_an_objective_of_the_user_takes_the_place_of_the_built_in_one(tmp_path: Path) -> None:
    own = _own(
        tmp_path,
        "objectives:\n- {kind: pod_create, objective: wall, target: 0.9, limits: {long_running: 60, run_to_completion: 30}, namespaces: {batch: 3600}}\n",
    )
    con = duckdb.connect()
    rules.register(con, rules.load([own]))
    limits = con.execute(
        "select applies_to, namespace, limit_s from objective_limits where kind = 'pod_create' and objective = 'wall' order by limit_s"
    ).fetchall()
    assert limits == [("run_to_completion", None, 30), ("long_running", None, 60), (None, "batch", 3600)]


@pytest.mark.parametrize("text", ["rule: x\n", "- {rule: x}\n", "diagnosis: x\n", "diagnosis: [just text]\n", "diagnosis: [\n"])
def test_a_file_that_is_no_mapping_of_rule_sets_is_refused_by_name(tmp_path: Path, text: str) -> None:
    with pytest.raises(RuleError, match=r"own\.yaml"):
        rules.load([_own(tmp_path, text)])


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=r"none\.yaml"):
        rules.load([tmp_path / "none.yaml"])


def test_the_digest_follows_the_rules(tmp_path: Path) -> None:
    own = _own(tmp_path, "diagnosis:\n- {rule: own, match: {reason: X}, error_code: FailedMount}\n")
    assert rules.digest(rules.load()) == rules.digest(rules.load())
    assert rules.digest(rules.load([own])) != rules.digest(rules.load())
    assert rules.digest(rules.load(settle_s=30)) != rules.digest(rules.load())
