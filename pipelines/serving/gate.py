"""The gate in front of every query: one statement that only reads, from tables of the lake.

Here: `admit`, which looks at the syntax tree that DuckDB itself makes. A list of statement types would not do: in DuckDB 2 a CTE may
write files. Not here: running the query (`query`).
"""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb

from lake_schema import TABLES
from pipelines.serving.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Iterator

_NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
_TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest"})
# They wait or write, and read nothing.
_REFUSED_FUNCTIONS = frozenset({"sleep_ms", "pg_sleep", "write_log", "nextval", "currval", "setseed"})


@dataclass(frozen=True, slots=True)
class Admitted:
    """A query that may run, and the tables of the lake that it reads."""

    sql: str
    tables: tuple[str, ...]


def admit(sql: str) -> Admitted:
    """Look at a query before anything of it runs.

    Raises:
        QueryError: It is no single reading statement, or names what is no table of the lake.
    """
    nodes = list(_walk(_tree(sql)))
    for node in nodes:
        _refuse(node)
    named = {node["table_name"].lower() for node in nodes if node.get("type") == "BASE_TABLE"}
    defined = {entry["key"].lower() for node in nodes for entry in (node.get("cte_map") or {}).get("map", ())}
    for name in sorted(named - defined - TABLES.keys()):
        near = difflib.get_close_matches(name, TABLES, n=1)
        raise QueryError(f"There is no table {name}", remedy=f"Did you mean {near[0]}?" if near else f"The tables are {', '.join(TABLES)}.")
    return Admitted(sql, tuple(sorted(named & TABLES.keys())))


def _tree(sql: str) -> dict[str, Any]:
    with duckdb.connect(config={"threads": 1, "enable_external_access": False}) as con:
        try:
            row = con.execute("select json_serialize_sql($1)", [sql]).fetchone()
        except duckdb.Error as error:
            raise QueryError(f"The query cannot be read: {error}", remedy="Write one SELECT.") from error
    tree: dict[str, Any] = json.loads(row[0]) if row else {"error": True, "error_message": "no statement"}
    if tree["error"]:
        if tree.get("error_type") == "not implemented":
            raise QueryError("Only a statement that reads is allowed", remedy="Write one SELECT; nothing in the lake can be changed by a query.")
        raise QueryError(f"The query cannot be read: {tree['error_message']}", where=_place(sql, tree.get("position")), remedy="Correct it there.")
    if len(tree["statements"]) != 1:
        raise QueryError(f"There are {len(tree['statements'])} statements", remedy="Write one SELECT.")
    return tree


def _place(sql: str, position: str | None) -> str | None:
    if position is None:
        return None
    before = sql.encode()[: int(position)].decode(errors="ignore")
    return f"line {before.count(chr(10)) + 1}, column {len(before) - (before.rfind(chr(10)) + 1) + 1}"


def _walk(value: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - any JSON
    """Every object of a tree; without recursion, since a query may nest as deep as it likes."""
    pending = [value]
    while pending:
        each = pending.pop()
        if isinstance(each, dict):
            yield each
            pending.extend(each.values())
        elif isinstance(each, list):
            pending.extend(each)


def _refuse(node: dict[str, Any]) -> None:
    kind = node.get("type")
    if isinstance(kind, str) and kind.endswith("_NODE") and kind not in _NODES:
        raise QueryError("Only a statement that reads is allowed", remedy="Write one SELECT; a WITH part must be a SELECT too.")
    if kind == "TABLE_FUNCTION" and (name := str(node["function"].get("function_name")).lower()) not in _TABLE_FUNCTIONS:
        raise QueryError(
            f"The table function {name} is not allowed",
            remedy=f"Read tables of the lake; of table functions there are {', '.join(sorted(_TABLE_FUNCTIONS))}.",
        )
    if kind == "BASE_TABLE" and (node.get("catalog_name") or node.get("schema_name")):
        raise QueryError(
            f"{node.get('schema_name') or node['catalog_name']}.{node['table_name']} is no table of the lake", remedy="Name tables without a schema."
        )
    if kind == "FUNCTION" and str(node.get("function_name")).lower() in _REFUSED_FUNCTIONS:
        raise QueryError(f"The function {node['function_name']} is not allowed", remedy="Leave it out.")
