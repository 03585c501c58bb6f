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
from pipelines.serving.functions import TABLE_FUNCTIONS, is_allowed, nearest, why_refused

if TYPE_CHECKING:
    from collections.abc import Iterator

_NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
# What a FROM may hold.
_REFERENCES = frozenset({"BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EXPRESSION_LIST", "EMPTY", "PIVOT", "SHOW_REF"})
# Other names of WITH parts could be taken for files or for views of DuckDB's catalog, were they ever looked up outside of it.
_PLAIN_NAME = re.compile(r"\w+")
_CATALOG = ("duckdb_", "pg_", "sqlite_", "pragma_", "information_schema")
# A name of ours that DuckDB takes for the beginning of AT (VERSION => …).
_BARE_AT = re.compile(r'(?<!")\bat\b(?!")', re.IGNORECASE)
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
    read: set[str] = set()
    for node, defined in _walk(_tree(con, sql)):
        _refuse(node)
        if node.get("type") == "BASE_TABLE" and (name := node["table_name"].lower()) not in defined:
            read.add(name)
    for name in sorted(read - TABLES.keys()):
        near = difflib.get_close_matches(name, TABLES, n=1)
        raise RefusedError(f"There is no table {name}", remedy=f"Did you mean {near[0]}?" if near else f"The tables are {', '.join(TABLES)}.")
    return Admitted(sql, tuple(sorted(read)))


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
    remedy = 'Correct it there; the column `at` is a keyword too: write "at".' if _BARE_AT.search(sql) else "Correct it there."
    return RefusedError(f"The query cannot be read: {tree['error_message']}", where=_place(sql, tree.get("position")), remedy=remedy)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _place(sql: str, position: str | None) -> str | None:
    if position is None:
        return None
    before = sql.encode(errors="surrogatepass")[: int(position)].decode(errors="ignore")
    return f"line {before.count(chr(10)) + 1}, column {len(before) - (before.rfind(chr(10)) + 1) + 1}"


def _walk(tree: dict[str, Any]) -> Iterator[tuple[dict[str, Any], frozenset[str]]]:
    """Every object of a tree with the names of WITH parts that hold there, just as DuckDB resolves them.

    Without recursion, since a query may nest as deep as it likes.
    """
    pending: list[tuple[Any, frozenset[str]]] = [(tree, frozenset())]
    while pending:
        each, defined = pending.pop()
        if isinstance(each, dict):
            yield each, defined
            pending.extend(_children(each, defined))
        elif isinstance(each, list):
            pending.extend((item, defined) for item in each)


def _children(node: dict[str, Any], defined: frozenset[str]) -> Iterator[tuple[Any, frozenset[str]]]:
    for part in (node.get("cte_map") or {}).get("map", ()):
        # A part sees those before it, and itself only in the step of its recursion.
        yield part["value"], defined
        defined |= {_part_name(part["key"])}
    for key, value in node.items():
        if key != "cte_map":
            is_step = key == "right" and node.get("type") == "RECURSIVE_CTE_NODE"
            yield value, defined | {_part_name(node["cte_name"])} if is_step else defined


def _part_name(name: str) -> str:
    lowered = name.lower()
    if not _PLAIN_NAME.fullmatch(lowered) or lowered.startswith(_CATALOG):
        raise RefusedError(f'"{name}" cannot be the name of a WITH part', remedy="Use another name, of letters, digits and _.")
    return lowered


def _refuse(node: dict[str, Any]) -> None:
    kind = node.get("type")
    if isinstance(kind, str) and kind.endswith("_NODE") and kind not in _NODES:
        raise RefusedError("Only a statement that reads is allowed", remedy="Write one SELECT; a WITH part must be a SELECT too.")
    # What a FROM holds is told by its keys: an unknown kind is one too.
    if node.keys() >= {"type", "alias", "sample"} and "class" not in node:
        _refuse_reference(node)
    # Window functions are no calls to the parser, and name their function all the same.
    if "function_name" in node and node.get("class") in {"FUNCTION", "WINDOW"} and not is_allowed(name := str(node["function_name"])):
        raise _refused_function(name)


def _refused_function(name: str) -> RefusedError:
    if why := why_refused(name):
        return RefusedError(f"The function {name} is not allowed: it {why}", remedy="Leave it out.")
    near = nearest(name)
    return RefusedError(f"There is no function {name} that a query may call", remedy=f"Did you mean {near}?" if near else "Leave it out.")


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
