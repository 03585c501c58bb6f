"""The gate in front of every query: one statement that only reads, from tables of the lake.

Here: `admit`, which looks at the syntax tree that DuckDB itself makes. A list of statement types would not do: in DuckDB 2 a CTE may
write files. Not here: which functions may be called (`functions`), and running the query (`query`).
"""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb

from lake_schema import TABLES
from pipelines.serving.errors import LimitError, QueryError, RefusedError
from pipelines.serving.functions import TABLE_FUNCTIONS, why_refused

if TYPE_CHECKING:
    from collections.abc import Iterator

_NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
# What a FROM may hold.
_REFERENCES = frozenset({"BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EXPRESSION_LIST", "EMPTY", "PIVOT", "SHOW_REF"})
# Names of a WITH that could be taken for a file, were they looked up outside of it.
_PLAIN_NAME = re.compile(r"\w+")
_ONE_SELECT = "Write one SELECT."


@dataclass(frozen=True, slots=True)
class Admitted:
    """A query that may run, and the tables of the lake that it reads."""

    sql: str
    tables: tuple[str, ...]


def admit(con: duckdb.DuckDBPyConnection, sql: str) -> Admitted:
    """Look at a query before anything of it runs.

    Args:
        con: What parses it.
        sql: The query.

    Raises:
        QueryError: It is no single reading statement, or names what is no table of the lake.
    """
    nodes = list(_walk(_tree(con, sql)))
    for node in nodes:
        _refuse(node)
    named = {node["table_name"].lower() for node in nodes if node.get("type") == "BASE_TABLE"}
    defined = {entry["key"].lower() for node in nodes for entry in (node.get("cte_map") or {}).get("map", ())}
    for name in sorted(named - defined - TABLES.keys()):
        near = difflib.get_close_matches(name, TABLES, n=1)
        raise RefusedError(f"There is no table {name}", remedy=f"Did you mean {near[0]}?" if near else f"The tables are {', '.join(TABLES)}.")
    for name in sorted(each for each in defined if not _PLAIN_NAME.fullmatch(each)):
        raise RefusedError(f'"{name}" cannot be the name of a WITH part', remedy="Use letters, digits and _.")
    return Admitted(sql, tuple(sorted(named & TABLES.keys())))


def _tree(con: duckdb.DuckDBPyConnection, sql: str) -> dict[str, Any]:
    try:
        row = con.execute("select json_serialize_sql($1)", [sql]).fetchall()[0]
        tree: dict[str, Any] = json.loads(row[0])
    except (RecursionError, MemoryError) as error:
        raise LimitError("The query is nested too deep", remedy="Write it flatter, with a WITH part for each step.") from error
    except duckdb.InterruptException as error:
        raise LimitError("The query is too big to be looked at in time", remedy="Write it shorter.") from error
    except duckdb.Error as error:
        raise RefusedError(f"The query cannot be read: {_first_line(error)}", remedy=_ONE_SELECT) from error
    if tree["error"]:
        raise _unreadable(sql, tree)
    if len(tree["statements"]) != 1:
        raise RefusedError(f"There are {len(tree['statements'])} statements", remedy=_ONE_SELECT)
    return tree


def _unreadable(sql: str, tree: dict[str, Any]) -> QueryError:
    if tree.get("error_type") == "not implemented":
        return RefusedError("Only a statement that reads is allowed", remedy="Write one SELECT; nothing in the lake can be changed by a query.")
    return RefusedError(f"The query cannot be read: {tree['error_message']}", where=_place(sql, tree.get("position")), remedy="Correct it there.")


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _place(sql: str, position: str | None) -> str | None:
    if position is None:
        return None
    before = sql.encode(errors="surrogatepass")[: int(position)].decode(errors="ignore")
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
        raise RefusedError("Only a statement that reads is allowed", remedy="Write one SELECT; a WITH part must be a SELECT too.")
    # What a FROM holds is told by its keys: an unknown kind is one too.
    if node.keys() >= {"type", "alias", "sample"} and "class" not in node:
        _refuse_reference(node)
    if kind == "FUNCTION" and (why := why_refused(str(node.get("function_name")))):
        raise RefusedError(f"The function {node['function_name']} is not allowed: it {why}", remedy="Leave it out.")


def _refuse_reference(node: dict[str, Any]) -> None:
    kind = node["type"]
    if kind not in _REFERENCES:
        raise RefusedError(f"{kind} is not allowed in FROM", remedy="Read tables of the lake.")
    if kind == "TABLE_FUNCTION" and (name := str(node["function"].get("function_name")).lower()) not in TABLE_FUNCTIONS:
        raise RefusedError(
            f"The table function {name} is not allowed",
            remedy=f"Read tables of the lake; of table functions there are {', '.join(sorted(TABLE_FUNCTIONS))}.",
        )
    if kind == "BASE_TABLE" and len(path := node["qualified_name"]["path"]) > 1:
        raise RefusedError(f"{'.'.join(path)} is no table of the lake", remedy="Name tables without a schema.")
    if kind == "SHOW_REF" and not node.get("query"):
        raise RefusedError("SHOW is not allowed", remedy=f"The tables are {', '.join(TABLES)}; `describe TABLE` lists a table's columns.")
