"""The one door to the lake's rows: the command line, HTTP, notebooks and MCP ask through it.

Here: `Door`. Not here: what may be asked (`gate`), how a query runs (`query`), and who may see what (`scope`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pipelines.serving.limits import Limits
from pipelines.serving.query import run_query
from pipelines.serving.scope import EVERYTHING, Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.serving.limits import QueryResult


class Door:
    """Answers queries over one lake, each within limits and a reader's scope. Any thread may ask."""

    def __init__(self, lake_url: str, limits: Limits | None = None, workers: int = 2) -> None:
        """Open the door.

        Args:
            lake_url: The lake.
            limits: What each query may use.
            workers: Queries that run side by side; further ones wait.
        """
        self._lake_url = lake_url
        self._limits = limits or Limits()
        self._workers = workers

    def __enter__(self) -> Self:
        """The door itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def query(self, sql: str, params: Mapping[str, object] | None = None, scope: Scope = EVERYTHING) -> QueryResult:
        """Answer one query over the lake's tables.

        Args:
            sql: One SELECT over tables of the lake.
            params: Values of the query's `$name` parameters.
            scope: What the reader may see.

        Raises:
            QueryError: The query is refused (`RefusedError`), fails, reaches a limit (`LimitError`), or finds nobody free (`BusyError`).
        """
        return run_query(self._lake_url, sql, self._limits, scope.clusters, params)

    def close(self) -> None:
        """End the worker processes; queries that still run fail."""
