"""The lake's tables as one reader sees them, registered on the connection that runs the reader's query.

Here: the scope of a reader turned into filters of Arrow datasets, below everything that SQL can say. A row that a reader may not see
never reaches an expression that could be made to fail on it. Not here: what a scope is (`scope`), and which tables a query
reads (`gate`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

import pyarrow as pa
import pyarrow.dataset as ds

from lake_schema import TABLES
from pipelines.serving.wire import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import duckdb
    import pyarrow.compute as pc

    from lake_schema import Table
    from pipelines.lake.cuts import Cut
    from pipelines.lake.datasets import Datasets
    from pipelines.serving.scope import Scope
    from pipelines.serving.wire import Question, Request

# What only a view of ours reads: no query can say these names, since the gate lets none with a space pass.
_STORED = "stored rows of "
_OWNERS_OF = "owners of "
_OWNERS = "deliveries"
_WORD = re.compile(r"\w+")
_Stored = TypeVar("_Stored", pa.Table, ds.Dataset)


class Tables:
    """The tables of one request for the connection that answers it, by a fresh listing of their files; each is read once.

    Tables of before are replaced; a connection must only ever get those of one scope.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, datasets: Datasets, request: Request) -> None:
        self._con, self._datasets, self._request = con, datasets, request
        self._read: dict[str, ds.Dataset | pa.Table] = {}

    def register(self, names: Iterable[str]) -> None:
        """Let queries read tables; those whose rows are handed out as they are only where a reader sees them through a view."""
        asked = {each.table for each in self._request.questions if isinstance(each, Rows) and not self._is_as_stored(TABLES[each.table])}
        for name in sorted({*names, *asked}):
            self._register(TABLES[name])

    def rows(self, wanted: Rows) -> pa.RecordBatchReader:
        """The rows of a table that is cut, as they are."""
        table = TABLES[wanted.table]
        if self._is_as_stored(table):
            rows: pa.Table = self._rows(table) if wanted.last is None else self._enough(table, wanted.last)
        else:
            columns = ", ".join(f'"{name}"' for name in wanted.columns)
            rows = self._con.sql(f"select {columns} from {table.name}").to_arrow_table()  # noqa: S608 - names of lake_schema
        order = "ascending" if wanted.last is None else "descending"
        return rows.select(wanted.columns).sort_by([(name, order) for name in wanted.order]).slice(0, wanted.last).to_reader()

    def _is_as_stored(self, table: Table) -> bool:
        return not _hidden(table, self._request.scope) and not _is_joined(table, self._request.scope)

    def _register(self, table: Table) -> None:
        scope = self._request.scope
        if self._is_as_stored(table):
            self._con.register(table.name, self._rows(table))
            return
        hidden, stored, rows = _hidden(table, scope), f"{_STORED}{table.name}", self._rows(table)
        self._con.register(stored, rows)
        if is_joined := _is_joined(table, scope):
            self._con.register(f"{_OWNERS_OF}{table.name}", self._rows(TABLES[_OWNERS]))
        self._con.execute(_view(table, stored, rows.schema.names, hidden, is_joined=is_joined))

    def _rows(self, table: Table) -> ds.Dataset | pa.Table:
        if table.name not in self._read:
            self._read[table.name] = self._scanned(table)
        return self._read[table.name]

    def _scanned(self, table: Table) -> ds.Dataset | pa.Table:
        request = self._request
        if self._cut_of(table) is not None:
            return pa.concat_tables(self._parts(table))
        return self._seen(table, self._datasets.dataset(table.name, request.scope.clusters, _hidden(table, request.scope), request.windows))

    def _enough(self, table: Table, rows: int) -> pa.Table:
        """Parts of a cut until there are so many rows."""
        parts: list[pa.Table] = []
        for part in self._parts(table):
            parts.append(part)
            if sum(each.num_rows for each in parts) >= rows:
                break
        return pa.concat_tables(parts)

    def _parts(self, table: Table) -> Iterator[pa.Table]:
        request, cut = self._request, self._cut_of(table)
        if cut is None:
            message = f"no rows are cut out of {table.name}"
            raise ValueError(message)
        named = {name for question in request.questions for name in _named(question, table.name)}
        columns = (named | _needed(table)) - set(_hidden(table, request.scope))
        for part in self._datasets.cut(cut, request.scope.clusters, columns, request.windows):
            yield self._seen(table, part)

    def _cut_of(self, table: Table) -> Cut | None:
        return next((each for each in self._request.cuts if each.table == table.name and self._request.is_ours), None)

    def _seen(self, table: Table, rows: _Stored) -> _Stored:
        """The rows that the reader may see; of a table that is joined with others' the join sees to it."""
        namespaces = self._request.scope.namespaces
        if namespaces is None or _is_joined(table, self._request.scope):
            return rows
        return rows.filter(_belongs(table, namespaces))


def _is_joined(table: Table, scope: Scope) -> bool:
    """Whether rows name no namespace, so that they belong to whoever their deliveries belong to."""
    return scope.namespaces is not None and table.namespace_column is None and table.is_of_deliveries


def _hidden(table: Table, scope: Scope) -> tuple[str, ...]:
    """The columns whose values a reader may not see. A rate elsewhere is that of others: of one neighbour, where there are two namespaces."""
    bodies = () if scope.may_read_bodies else table.body_columns
    return bodies if scope.namespaces is None else (*bodies, *table.columns_of_others)


@lru_cache(maxsize=4096)
def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text))


def _named(question: Question | Rows, name: str) -> frozenset[str]:
    """The columns of a table that is cut that a question names; all that a text of ours gets of it, even where it asks for every column."""
    if isinstance(question, Rows):
        return frozenset(question.columns) if question.table == name else frozenset()
    return frozenset(TABLES[name].column_names) & _words(question.sql)


def _needed(table: Table) -> set[str]:
    """The columns by which rows are told apart here."""
    labels = table.label_columns or ()
    return {"cluster", *(["delivery_id"] if table.is_of_deliveries else []), *labels, *([table.namespace_column] if table.namespace_column else [])}


def _belongs(table: Table, namespaces: tuple[str, ...]) -> pc.Expression:
    """Which rows of a table belong to one of the namespaces; none of a table whose rows belong to no namespace."""
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
