"""A worker process as its parent sees it: started, asked, killed.

Here: `Worker`. A query is ended by ending its process: nothing that it does can keep it alive. Not here: what runs in the process
(`worker`), and who gets which worker (`door`).
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

import pyarrow as pa

from pipelines.serving import wire
from pipelines.serving.errors import LimitError, QueryError, too_big, too_long
from pipelines.serving.limits import QueryResult

if TYPE_CHECKING:
    from pipelines.serving.limits import Limits
    from pipelines.serving.wire import Request, Where

_START_S = 60.0
# DuckDB stops by itself at the limit, and then the process can go on; what does not stop is killed this much later.
_GRACE_S = 0.5
_END_S = 5.0
_MODULE = "pipelines.serving.worker"
# Arrow's own allocators reserve far more address space than they use. What Polars and Arrow read is the rows of a few objects: handing
# them between threads costs more than it saves.
_SETTINGS = {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2", "POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}


class Worker:
    """One process that answers queries, one at a time."""

    def __init__(self, lake_url: str, limits: Limits) -> None:
        self._limits = limits
        self._is_ready = False
        ours, theirs = socket.socketpair()
        with ours, theirs:
            self._said = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
            # A session of its own: Ctrl-C at the terminal is for the parent. -P: no module of the working folder is taken for one of ours.
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-P", "-m", _MODULE, str(theirs.fileno()), str(os.getpid())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
                start_new_session=True,
                env={**os.environ, **_SETTINGS},
            )
            self._link = Connection(ours.detach())
        wire.send_pickled(self._link, wire.Setup(lake_url, limits))
        self._is_stopped = False
        self.is_fit = True

    @property
    def is_alive(self) -> bool:
        """Whether the process, to which nothing was said, still listens."""
        return self._process.poll() is None and not (self._is_ready and self._link.poll())

    def answers(self, request: Request | Where) -> list[QueryResult]:
        """Answer each of some queries. Whatever goes wrong, and whatever interrupts: `is_fit` tells whether the process may be asked again.

        Raises:
            QueryError: The query is refused, fails, or reaches a limit.
        """
        self.is_fit = False
        try:
            self._get_ready()
            wire.send_pickled(self._link, request)
            return self._received()
        except (EOFError, ConnectionError) as error:
            raise self._death() from error

    def stop(self) -> None:
        """End the process in the middle of a query that another thread waits for; that thread then calls `close`."""
        self._is_stopped = True
        self._process.kill()

    def close(self) -> None:
        """End the process at once, whatever it does."""
        self._process.kill()
        self._process.wait()
        self._link.close()
        self._said.close()

    def _get_ready(self) -> None:
        if self._is_ready:
            return
        if not self._link.poll(_START_S):
            raise QueryError("The process that runs queries does not start in time", remedy="Try again when the machine is less busy.")
        self._is_ready = self._link.recv_bytes() == wire.READY

    def _received(self) -> list[QueryResult]:
        deadline = None if self._limits.timeout_s is None else time.monotonic() + self._limits.timeout_s + _GRACE_S
        tables: list[pa.Table] = []
        found: list[QueryResult] = []
        while self._link.poll(None if deadline is None else max(0.0, deadline - time.monotonic())):
            message = self._link.recv_bytes()
            match message[:1]:
                case wire.BATCH:
                    tables.append(wire.read_batches(memoryview(message)[1:]))
                case wire.NEXT:
                    found.append(QueryResult(pa.concat_tables(tables), wire.read_next(message[1:])))
                    tables.clear()
                case wire.AGAIN:
                    tables.clear()
                    found.clear()
                case _:
                    end = wire.read_end(message[1:])
                    self.is_fit = end.is_fit
                    if end.error is not None:
                        raise end.error
                    return found
        raise too_long(self._limits)

    def _death(self) -> QueryError:
        """Why the process ended in the middle of a query."""
        try:
            code = self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            return QueryError("The process that ran the query no longer answers", remedy="Ask again.")
        if self._is_stopped:
            return QueryError("The door was closed while the query ran", remedy="Open it again.")
        if not self._is_ready:
            return QueryError("The process that runs queries does not start", where=self._last_words(), remedy="Run `lorgnette --version`.")
        if code in {-signal.SIGKILL, -signal.SIGABRT}:
            return too_big(self._limits)
        if code < 0:
            return LimitError(
                f"The query broke the process that ran it ({signal.Signals(-code).name})",
                remedy="Write it flatter and with smaller values; the lake is unharmed.",
            )
        return QueryError("The process that ran the query failed", where=self._last_words(), remedy="Report this with the query.")

    def _last_words(self) -> str | None:
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else None
