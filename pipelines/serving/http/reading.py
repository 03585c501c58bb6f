"""Rows for one caller: queries asked through the door, with the caller's scope and a window of time.

Here: `Window` and `Reading`. Not here: the text of the queries (`statements`), and who the caller is (`callers`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import types

from lake_schema import Grain
from pipelines.lake import bucket_start
from pipelines.reports.reading import plain
from pipelines.serving.http.statements import begins, parameters, statement
from pipelines.serving.limits import QueryResult
from pipelines.serving.wire import Question, Request, Rows, Where

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipelines.lake.cuts import Cut
    from pipelines.lake.held import Held
    from pipelines.reports.reading import Row
    from pipelines.serving.door import Door
    from pipelines.serving.scope import Scope

HOUR = timedelta(hours=1)
# What is said about a delivery is said from a little before it to some time after its end, a deletion's included.
_BEFORE, _AFTER = timedelta(minutes=5), timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time; `to_at` is exclusive."""

    from_at: datetime
    to_at: datetime

    def values(self) -> dict[str, datetime]:
        """As parameters: tables by the hour, day or month start with the whole one that the window begins in."""
        starts = {begin: self.from_at if begin == "from_at" else _floor(Grain(begin.removeprefix("from_")), self.from_at) for begin in begins()}
        return starts | {"to_at": self.to_at}

    def around(self) -> Window:
        """What is said about the deliveries of a window may be said a little before it and some time after."""
        return Window(self.from_at - _BEFORE, self.to_at + _AFTER)

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.to_at - self.from_at


ALL_TIME = Window(datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))


def _floor(grain: Grain, at: datetime) -> datetime:
    return bucket_start(grain, at)


class Reading:
    """What one caller may read; `read_rows` counts what came."""

    def __init__(self, door: Door, scope: Scope, window: Window = ALL_TIME, cluster: str = "") -> None:
        """Begin.

        Args:
            door: Every row comes through it.
            scope: What the caller may see.
            window: The time that is asked about.
            cluster: The cluster, where the scope holds only one.
        """
        self.cluster = cluster
        self.scope, self.window = scope, window
        self.read_rows = 0
        self._door = door

    def within(self, window: Window) -> Reading:
        """The same for another window; its rows are counted on their own."""
        return Reading(self._door, self.scope, window, self.cluster)

    def of(self, clusters: Sequence[str]) -> Reading:
        """The same for some of the clusters that the caller may see."""
        return Reading(self._door, replace(self.scope, clusters=tuple(clusters)), self.window, clusters[0] if len(clusters) == 1 else "")

    def result(
        self, name: str, /, *, series: str = "hour", cuts: Sequence[Cut] = (), within: Sequence[Window] | None = None, **params: object
    ) -> QueryResult:
        """The rows of a query as a table.

        Args:
            name: The file of `sql/serving` or `sql/reports`.
            series: Which table of the SLO a query of `series` reads.
            cuts: Which rows of some tables matter, where that is known.
            within: The parts of the window that matter, where that is known.
            params: Its parameters; those of the window are added.

        Raises:
            QueryError: It fails, reaches a limit, or finds nobody free.
        """
        return self._asked([_question(name, series, self.window, params)], cuts, within)[0]

    def free(self, sql: str, params: dict[str, Any] | None = None) -> QueryResult:
        """The rows of somebody's own SQL.

        Raises:
            QueryError: It is refused, fails, reaches a limit, or finds nobody free.
        """
        return self._counted(self._door.query(sql, params, self.scope))

    def several(self, asked: Sequence[tuple[str | Rows, Mapping[str, object]]], cuts: Sequence[Cut] = ()) -> list[list[Row]]:
        """The rows of several queries, each with its parameters: at once, which costs far less than one after the other.

        Args:
            asked: The queries; or rows of tables that are cut, as they are.
            cuts: Which rows of some tables matter to any of them, where that is known.
        """
        questions = [each if isinstance(each, Rows) else _question(each, "hour", self.window, params) for each, params in asked]
        return [_plain(result.table) for result in self._asked(questions, cuts)]

    def cut(self, rows: Rows, cut: Cut) -> pa.Table:
        """Rows of a table that is cut, as they are.

        Raises:
            QueryError: It fails, or finds nobody free.
        """
        return self._asked([rows], [cut])[0].table

    def hours(self, held: Held) -> list[Window]:
        """The hours of the window whose rows may hold something, the newest first.

        Raises:
            QueryError: It fails, or finds nobody free.
        """
        clusters = self.scope.clusters
        return [Window(at, at + HOUR) for at in self._door.hours(Where(held, clusters, ((self.window.from_at, self.window.to_at),)))]

    def _asked(self, questions: Sequence[Question | Rows], cuts: Sequence[Cut] = (), within: Sequence[Window] | None = None) -> list[QueryResult]:
        windows = tuple((each.from_at, each.to_at) for each in within or [self.window])
        request = Request(tuple(questions), self.scope, windows, tuple(cuts), is_ours=True)
        return [self._counted(found) for found in self._door.answers(request)]

    def _counted(self, found: QueryResult) -> QueryResult:
        self.read_rows += found.table.num_rows
        return QueryResult(_whole(found.table), found.is_cut)

    def rows(self, name: str, /, **params: object) -> list[Row]:
        """The rows of a query as Python values, in its order."""
        return _plain(self.result(name, **params).table)  # type: ignore[arg-type]


def _question(name: str, series: str, window: Window, params: Mapping[str, object]) -> Question:
    text = statement(name, series)
    wanted = parameters(text)
    return Question(text, {key: value for key, value in {**window.values(), **params}.items() if key in wanted})


def _plain(table: pa.Table) -> list[Row]:
    return [{key: plain(value) for key, value in row.items()} for row in table.to_pylist()]


def _whole(table: pa.Table) -> pa.Table:
    """Decimals, which is what DuckDB makes of sums of whole numbers and of literals, as numbers that every reader has."""

    def plainer(field: pa.Field) -> pa.Field:
        if not types.is_decimal(field.type):
            return field
        return pa.field(field.name, pa.int64() if field.type.scale == 0 else pa.float64())

    if not any(types.is_decimal(field.type) for field in table.schema):
        return table
    return table.cast(pa.schema([plainer(field) for field in table.schema]))
