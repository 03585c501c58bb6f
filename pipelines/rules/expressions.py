"""Checks a user's SQL expression before it becomes part of a query: one pure scalar expression over the row's columns.

Here: what it may hold (its parse tree against lists of what is allowed, then a trial binding). Not here: the rules that hold
expressions (`pipelines.rules.compile`) and whole queries (`pipelines.serving`).
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import duckdb

from pipelines.rules.rule_error import RuleError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ALLOWED_CLASSES = {
    "BETWEEN",
    "CASE",
    "CAST",
    "COLLATE",
    "COLUMN_REF",
    "COMPARISON",
    "CONJUNCTION",
    "CONSTANT",
    "FUNCTION",
    "LAMBDA",
    "OPERATOR",
    "TYPE",
}
# The parser's own words for what `duckdb_functions()` does not list.
_SYNTAX_FUNCTIONS = frozenset({"->"})
# Read the clock although DuckDB lists them as consistent.
_CLOCKS = frozenset({"age", "current_localtime", "current_localtimestamp"})
_NUMBERS = {"code": "bigint"}


def check_expression(con: duckdb.DuckDBPyConnection, expression: str, columns: Sequence[str], rule: str) -> None:
    """Refuses an expression that is not one pure scalar expression over `columns`, true or false for a row.

    Its value may depend on nothing but the row: no subquery, window, aggregate, clock, chance, sequence, variable or setting.

    Raises:
        RuleError: if it does not parse or bind, holds what is not allowed, or names another column.
    """
    try:
        selected = _selected(con, str(expression))
        unknown = _unknown_columns(selected, columns)
        why = _impurity(con, selected)
    except (duckdb.Error, ValueError) as error:
        raise RuleError.bad_expression(rule, str(expression), str(error)) from error
    if why:
        raise RuleError.bad_expression(rule, str(expression), why)
    if unknown:
        raise RuleError.unknown_column(rule, unknown[0], columns)
    _bind(con, str(expression), columns, rule)


def _selected(con: duckdb.DuckDBPyConnection, expression: str) -> dict[str, Any]:
    """The parse tree of the expression, which is never run.

    Raises:
        ValueError: if the text is more or less than one expression.
    """
    rows = con.execute("select json_serialize_sql(?)", [f"select ({expression}) from facts"]).fetchall()  # noqa: S608 - parsed, not run
    parsed = json.loads(rows[0][0])
    if parsed["error"]:
        raise ValueError(parsed["error_message"])
    match parsed["statements"]:
        case [{"node": {"type": "SELECT_NODE", "select_list": [selected], "from_table": {"table_name": "facts"}, "modifiers": []}}]:
            return dict(selected)
    message = "it must be one expression"
    raise ValueError(message)


def _nodes(tree: object) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from _nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _nodes(value)


def _of_class(tree: object, name: str) -> list[dict[str, Any]]:
    return [node for node in _nodes(tree) if node.get("class") == name]


def _unknown_columns(tree: object, columns: Sequence[str]) -> list[str]:
    """The names that are neither a column nor a parameter of a lambda; a qualified name is none."""
    parameters = {column["column_names"][0] for each in _of_class(tree, "LAMBDA") for column in _of_class(each["lhs"], "COLUMN_REF")}
    named = [column["column_names"] for column in _of_class(tree, "COLUMN_REF")]
    return [".".join(name) for name in named if name[0] not in parameters and ".".join(name) not in columns]


def _impurity(con: duckdb.DuckDBPyConnection, tree: object) -> str | None:
    """Why the expression is not a pure scalar one; None if it is."""
    classes = [str(node["class"]).lower() for node in _nodes(tree) if node.get("class", "CONSTANT") not in _ALLOWED_CLASSES]
    if classes:
        return f"{classes[0].replace('_', ' ')} is not allowed"
    if any(node["type"] == "GROUPING_FUNCTION" for node in _of_class(tree, "OPERATOR")):
        return "grouping is not allowed"
    for call in _of_class(tree, "FUNCTION"):
        name = str(call["function_name"])
        if call["schema"] or call["catalog"] or not (name in _pure_functions() or _is_pure_macro(con, name)):
            return f"{name} is no pure scalar function"
    return None


@cache
def _pure_functions() -> frozenset[str]:
    """The built-in functions whose every form is scalar and depends on its arguments alone, or on the time zone, which is UTC throughout.

    DuckDB calls forms over TIMESTAMPTZ, which look at the session's time zone, consistent within a query, beside others that always are;
    clocks have no other form.
    """
    with duckdb.connect() as con:
        rows = con.execute(
            "select function_name from duckdb_functions() group by function_name "
            "having bool_and(function_type = 'scalar' and stability <> 'VOLATILE') and bool_or(stability = 'CONSISTENT')"
        ).fetchall()
    return frozenset(row[0] for row in rows) - _CLOCKS | _SYNTAX_FUNCTIONS


def _is_pure_macro(con: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Whether it is a macro whose definition is itself a pure scalar expression over its parameters."""
    rows = con.execute("select function_type, parameters, macro_definition from duckdb_functions() where function_name = ?", [name]).fetchall()
    if not rows or any(kind != "macro" or not definition for kind, _, definition in rows):
        return False
    trees = [(_selected(con, definition), parameters) for _, parameters, definition in rows]
    return not any(_unknown_columns(tree, parameters) or _impurity(con, tree) for tree, parameters in trees)


def _bind(con: duckdb.DuckDBPyConnection, expression: str, columns: Sequence[str], rule: str) -> None:
    """Try it on a row of nulls: names, argument types and patterns that DuckDB does not take are found here."""
    facts = ", ".join(f'null::{_NUMBERS.get(column, "varchar")} as "{column}"' for column in columns)
    try:
        column = con.execute(f"select ({expression}\n) from (select {facts}) as facts").description[0]  # noqa: S608 - checked above
        con.fetchall()
    except duckdb.Error as error:
        raise RuleError.bad_expression(rule, expression, str(error)) from error
    if column[1] != duckdb.sqltypes.BOOLEAN:
        raise RuleError.bad_expression(rule, expression, f"it must be true or false, and is {column[1]}")
