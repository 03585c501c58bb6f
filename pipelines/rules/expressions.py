"""Checks a user's SQL expression before it becomes part of a query. Not here: whole queries (`pipelines.serving`)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pipelines.rules.rule_error import RuleError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import duckdb

_FORBIDDEN_CLASSES = {"SUBQUERY", "WINDOW", "STAR", "PARAMETER"}


def _nodes(tree: object) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from _nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _nodes(value)


def check_expression(con: duckdb.DuckDBPyConnection, expression: str, columns: Sequence[str], rule: str) -> None:
    """Refuses an expression that is not one scalar expression over `columns`.

    Raises:
        RuleError: if it does not parse, holds a subquery, a window or a star, or names another column.
    """
    rows = con.execute("select json_serialize_sql(?)", [f"select {expression} from facts"]).fetchall()  # noqa: S608 - parsed, not run
    parsed = json.loads(rows[0][0])
    statements = parsed.get("statements", [])
    if parsed["error"] or len(statements) != 1 or len(statements[0]["node"].get("select_list", [])) != 1:
        raise RuleError.bad_expression(rule, expression, parsed.get("error_message", "it must be one expression"))
    node = statements[0]["node"]
    if (
        node["type"] != "SELECT_NODE"
        or node.get("where_clause")
        or node["from_table"].get("table_name") != "facts"
        or node.get("cte_map", {}).get("map")
    ):
        raise RuleError.bad_expression(rule, expression, "it must be one expression")
    for child in _nodes(node["select_list"]):
        if child.get("class") in _FORBIDDEN_CLASSES:
            raise RuleError.bad_expression(rule, expression, f"{child['class'].lower()} is not allowed")
        if child.get("class") == "COLUMN_REF" and child["column_names"][-1] not in columns:
            raise RuleError.unknown_column(rule, child["column_names"][-1], columns)
