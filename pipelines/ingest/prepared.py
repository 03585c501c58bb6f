"""The queries of `sql/ingest`, planned once per thread and shape and run for every chunk.

Planning one of them costs as much as typing some megabytes, and DuckDB optimizes a prepared statement anew at each execution. So the optimizer is off, and what these
queries need of it is done here: CTEs become subqueries (else each is stored before it is read), settings become literals (a variable would have the query bound
anew), and relations are objects that stay while what they hold is swapped. Not here: which queries run on what (`engine`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import duckdb

from pipelines import sql_files

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

_VARIABLE = re.compile(r"getvariable\('(?P<name>\w+)'\)")
_WITH = re.compile(r"\s*with\b")
_CTE = re.compile(r"\s*,?\s*(?P<name>\w+) as \(")
_READ = re.compile(r"\bfrom (?P<name>\w+)\b")


@cache
def query(name: str) -> str:
    """The text of `sql/ingest/<name>.sql`."""
    return (sql_files.folder() / "ingest" / f"{name}.sql").read_text(encoding="utf-8")


def has_query(name: str) -> bool:
    """Whether there is a `sql/ingest/<name>.sql`."""
    return (sql_files.folder() / "ingest" / f"{name}.sql").exists()


def with_values(text: str, variables: Mapping[str, object]) -> str:
    """The text with literals in the place of `getvariable('NAME')`."""
    return _VARIABLE.sub(lambda found: _literal(variables[found["name"]]), text)


def _literal(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_literal(key)}: {_literal(part)}" for key, part in value.items()) + "}"
    text = str(value).replace("'", "''")
    return text if isinstance(value, int | float) else f"'{text}'"


def with_subqueries(text: str) -> str:
    """The text with a subquery in the place of each CTE that is read once."""
    plain = _without_comments(text)
    found = _WITH.match(plain)
    if found is None:
        return plain
    ctes: dict[str, str] = {}
    at = found.end()
    while found := _CTE.match(plain, at):
        at = _closing(plain, found.end())
        ctes[found["name"]] = plain[found.end() : at]
        at += 1
    main = plain[at:]
    everything = [*ctes.values(), main]
    once = {name for name in ctes if sum(read["name"] == name for part in everything for read in _READ.finditer(part)) == 1}

    def inlined(part: str) -> str:
        return _READ.sub(lambda read: f"from ({inlined(ctes[read['name']])}) as {read['name']}" if read["name"] in once else read[0], part)

    stored = ", ".join(f"{name} as ({inlined(part)})" for name, part in ctes.items() if name not in once)
    return f"with {stored} {inlined(main)}" if stored else inlined(main)


def _without_comments(text: str) -> str:
    tokens = duckdb.tokenize(text)
    ends = [*(start for start, _ in tokens[1:]), len(text)]
    kept = (text[start:end] for (start, kind), end in zip(tokens, ends, strict=True) if kind != duckdb.token_type.comment)
    return "".join(kept)


def _closing(text: str, start: int) -> int:
    """Where the bracket closes that was opened before `start`."""
    depth = 1
    for at, kind in duckdb.tokenize(text[start:]):
        if kind == duckdb.token_type.operator:
            depth += {"(": 1, ")": -1}.get(text[start + at], 0)
        if depth == 0:
            return start + at
    raise ValueError(text[start - 80 : start])


@dataclass(slots=True)
class _Relation:
    """What a planned query reads: the table that is in it at the time."""

    name: str
    table: pa.Table | None
    schema: pa.Schema

    def __arrow_c_schema__(self) -> object:
        return self.schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        table = self.schema.empty_table() if self.table is None else self.table
        return table.__arrow_c_stream__(requested_schema)


class Session:
    """A connection of one thread, with its optimizer switched off.

    What is planned is planned anew at each execution once anything was registered after it: `age` counts how often that was.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.age = 0
        connection.execute("pragma disable_optimizer")

    def register(self, relation: _Relation) -> None:
        """Let queries read a relation."""
        self.connection.register(relation.name, relation)
        self.age += 1


class Queries:
    """The queries of one shape on one connection.

    Args:
        session: Of one thread.
        scope: A word that no other `Queries` of this session has.
        variables: The values of `getvariable`.
    """

    def __init__(self, session: Session, scope: str, variables: Mapping[str, object]) -> None:
        self._session = session
        self._scope = scope
        self._variables = variables
        self._relations: dict[str, _Relation] = {}
        self._planned_at: dict[str, int] = {}

    def hand(self, name: str, table: pa.Table) -> None:
        """Let queries read this table under this name, until it is taken away or replaced."""
        relation = self._relations.get(name)
        if relation is None:
            relation = self._relations[name] = _Relation(f"{self._scope} {name}", table, table.schema)
            self._session.register(relation)
        if table.schema != relation.schema:
            raise TypeError(f"{relation.name} is {relation.schema}, not {table.schema}")
        relation.table = table

    def take_away(self) -> None:
        """Let go of all tables."""
        for relation in self._relations.values():
            relation.table = None

    def run(self, name: str) -> pa.Table:
        """The result of `sql/ingest/<name>.sql` over the relations as they are.

        Raises:
            duckdb.Error: It fails on what they hold.
        """
        statement = f"{self._scope} {name}"
        if self._planned_at.get(name) != self._session.age:
            self._session.connection.execute(f'prepare "{statement}" as {self._planned(name)}')
            self._planned_at[name] = self._session.age
        return self._session.connection.sql(f'execute "{statement}"').to_arrow_table()

    def _planned(self, name: str) -> str:
        text = with_subqueries(with_values(query(name), self._variables))
        return _READ.sub(lambda read: f'from "{self._relations[read["name"]].name}"' if read["name"] in self._relations else read[0], text)
