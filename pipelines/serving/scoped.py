"""The lake's tables as one reader sees them, registered on the connection that runs the reader's query.

Here: the scope of a reader turned into filters of Arrow datasets, below everything that SQL can say. A row that a reader may not see
never reaches an expression that could be made to fail on it. Not here: what a scope is (`scope`), and which tables a query
reads (`gate`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from lake_schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import duckdb
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.dataset as ds

    from lake_schema import Table
    from pipelines.lake.datasets import Datasets
    from pipelines.serving.scope import Scope
    from pipelines.serving.wire import Request

# What only a view of ours reads: no query can say these names, since the gate lets none with a space pass.
_STORED = "stored rows of "
_OWNERS_OF = "owners of "
_OWNERS = "deliveries"
_WORD = re.compile(r"\w+")


def register(con: duckdb.DuckDBPyConnection, datasets: Datasets, tables: Iterable[str], request: Request) -> None:
    """Give a connection the tables that the queries of a request read, by a fresh listing of their files.

    Tables of before are replaced; a connection must only ever get those of one scope.
    """
    for table in tables:
        _register(con, datasets, TABLES[table], request)


def _register(con: duckdb.DuckDBPyConnection, datasets: Datasets, table: Table, request: Request) -> None:
    scope = request.scope
    hidden = _hidden(table, scope)
    is_joined = scope.namespaces is not None and table.namespace_column is None and table.is_of_deliveries
    stored = f"{_STORED}{table.name}" if hidden or is_joined else table.name
    rows = _rows(datasets, table, request, hidden, is_joined=is_joined)
    con.register(stored, rows)
    if is_joined:
        con.register(f"{_OWNERS_OF}{table.name}", _rows(datasets, TABLES[_OWNERS], request, TABLES[_OWNERS].body_columns, is_joined=False))
    if stored != table.name:
        con.execute(_view(table, stored, rows.schema.names, hidden, is_joined=is_joined))


def _hidden(table: Table, scope: Scope) -> tuple[str, ...]:
    """The columns whose values a reader may not see. A rate elsewhere is that of others: of one neighbour, where there are two namespaces."""
    bodies = () if scope.may_read_bodies else table.body_columns
    return bodies if scope.namespaces is None else (*bodies, *table.columns_of_others)


def _rows(datasets: Datasets, table: Table, request: Request, hidden: tuple[str, ...], *, is_joined: bool) -> ds.Dataset | pa.Table:
    scope = request.scope
    cut = next((each for each in request.cuts if each.table == table.name and request.is_ours), None)
    if cut is None:
        found = datasets.dataset(table.name, scope.clusters, hidden, request.windows)
    else:
        columns = {name for question in request.questions for name in _named(question.sql, table.name)} - set(hidden)
        found = datasets.cut(cut, scope.clusters, columns | _needed(table), request.windows)
    if scope.namespaces is None or is_joined:
        return found
    return found.filter(_belongs(table, scope.namespaces))


@lru_cache(maxsize=4096)
def _named(text: str, name: str) -> frozenset[str]:
    """The columns of a table that a text of ours names. Where it asks for all of a table that is cut, it gets those."""
    return frozenset(TABLES[name].column_names) & frozenset(_WORD.findall(text))


def _needed(table: Table) -> set[str]:
    """The columns by which rows are told apart here."""
    labels = table.label_columns or ()
    return {"cluster", *(["delivery_id"] if table.is_of_deliveries else []), *labels, *([table.namespace_column] if table.namespace_column else [])}


def _belongs(table: Table, namespaces: tuple[str, ...]) -> pc.Expression:
    """Which rows of a table belong to one of the namespaces; none of a table whose rows belong to no namespace."""
    import pyarrow as pa
    import pyarrow.compute as pc

    wanted = pa.array(namespaces, pa.string())
    if table.namespace_column is not None:
        return pc.field(table.namespace_column).isin(wanted)
    if table.label_columns is not None:
        label, value = table.label_columns
        return (pc.field(label) == "namespace") & pc.field(value).isin(wanted)
    return pc.scalar(value=False)


def _view(table: Table, stored: str, names: Sequence[str], hidden: tuple[str, ...], *, is_joined: bool) -> str:
    """The table under its own name: hidden columns are null, so that a query reads the same with and without the right to see them.

    Below the join DuckDB evaluates what cannot fail, such as a range of time that skips files; whatever may fail it evaluates on joined
    rows alone, and a test holds it to that.
    """
    columns = ", ".join(
        f'cast(null as {c.duckdb_type}) as "{c.name}"' if c.name in hidden else f'rows."{c.name}"'
        for c in table.columns
        if c.name in hidden or c.name in names
    )
    source = f'from "{stored}" as rows'
    if is_joined:
        source += f' semi join "{_OWNERS_OF}{table.name}" as owners using (cluster, delivery_id)'
    return f"create or replace temp view {table.name} as select {columns} {source}"
