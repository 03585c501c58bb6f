"""The one door to the lake's rows: the command line, HTTP, notebooks and MCP ask through it.

Here: `Door`, a small pool of worker processes that are kept warm. Not here: the processes (`workers`), what may be asked (`gate`), how a
query runs (`query`), and who may see what (`scope`).
"""

from __future__ import annotations

import queue
import threading
from datetime import UTC
from typing import TYPE_CHECKING, Self

from pipelines.serving.errors import BusyError, QueryError
from pipelines.serving.limits import Limits, check_size
from pipelines.serving.scope import EVERYTHING, Scope
from pipelines.serving.wire import Question, Request
from pipelines.serving.workers import Worker

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from pipelines.serving.limits import QueryResult
    from pipelines.serving.wire import Where


class Door:
    """Answers queries over one lake, each within limits and a reader's scope. Any thread may ask."""

    def __init__(self, lake_url: str, limits: Limits | None = None, workers: int = 2) -> None:
        """Open the door; its processes start at once, and the first query waits for one of them.

        Args:
            lake_url: The lake.
            limits: What each query may use.
            workers: Queries that run side by side; further ones wait.
        """
        self._lake_url = lake_url
        self._limits = limits or Limits()
        self._lock = threading.Lock()
        self._is_closed = False
        self._busy: set[Worker] = set()
        # The last one back is the first one out: it is the warmest.
        self._idle: queue.LifoQueue[Worker] = queue.LifoQueue()
        for _ in range(workers):
            self._idle.put(self._started())

    def __enter__(self) -> Self:
        """The door itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def query(
        self,
        sql: str,
        params: Mapping[str, object] | None = None,
        scope: Scope = EVERYTHING,
        window: tuple[datetime, datetime] | None = None,
    ) -> QueryResult:
        """Answer one query over the lake's tables.

        Args:
            sql: One SELECT over tables of the lake.
            params: Values of the query's `$name` parameters.
            scope: What the reader may see.
            window: From when to when (exclusive) the query looks at anyway: other partitions are not even named to it, which among
                hundreds of them is most of what a small query costs. All if None.

        Raises:
            QueryError: The query is refused (`RefusedError`), fails, reaches a limit (`LimitError`), or finds nobody free (`BusyError`).
        """
        return self.answers(Request((Question(sql, params),), scope, None if window is None else (window,)))[0]

    def answers(self, request: Request) -> list[QueryResult]:
        """Answer several queries of one reader in one process, over one listing of the lake's files.

        Raises:
            QueryError: As `query`; then none of them is answered.
        """
        for question in request.questions:
            if isinstance(question, Question):
                check_size(question.sql)
        return self._asked(request)

    def hours(self, where: Where) -> list[datetime]:
        """When the hours begin that may hold something, the newest first.

        Raises:
            QueryError: As `query`.
        """
        return [at.astimezone(UTC) for at in self._asked(where)[0].table["bucket_at"].to_pylist()]

    def _asked(self, request: Request | Where) -> list[QueryResult]:
        worker = self._take()
        try:
            return worker.answers(request)
        finally:
            # After an interrupt too: a process that is not done with its query is killed.
            self._give_back(worker)

    def close(self) -> None:
        """End the worker processes; queries that still run fail."""
        with self._lock:
            self._is_closed = True
            for worker in self._busy:
                worker.stop()
        while not self._idle.empty():
            self._idle.get().close()

    def _take(self) -> Worker:
        if self._is_closed:
            raise QueryError("The door is closed", remedy="Open it again.")
        try:
            worker = self._idle.get(timeout=self._limits.timeout_s)
        except queue.Empty:
            raise BusyError(f"Nobody was free for {self._limits.timeout_s:g} s", remedy="Ask again later, or allow more workers.") from None
        if not worker.is_alive:
            worker.close()
            worker = self._started()
        with self._lock:
            self._busy.add(worker)
        return worker

    def _give_back(self, worker: Worker) -> None:
        with self._lock:
            self._busy.discard(worker)
            is_closed = self._is_closed
        if worker.is_fit and not is_closed:
            self._idle.put(worker)
            return
        worker.close()
        if not is_closed:
            self._idle.put(self._started())

    def _started(self) -> Worker:
        return Worker(self._lake_url, self._limits)
