"""Typing chunks side by side and taking them in in their order, so that the result never depends on the number of threads.

Here: `SideBySide`, the queue between who reads and the ledger: chunks that are being typed, ends of sources, commits under way. Not here:
what happens to one chunk (`engine`), to one source (`source_run`) or to one commit (`commits`), and reading (`flow`).
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import duckdb

from pipelines.errors import SourceError
from pipelines.ingest.archive_run import ArchiveRun
from pipelines.ingest.commits import Commits
from pipelines.ingest.report import Unreadable
from pipelines.ingest.source_run import SourceRun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pipelines.ingest.chunks import Chunk
    from pipelines.ingest.engine import Engine, TypedChunk
    from pipelines.ingest.ledger import Ledger
    from pipelines.ingest.report import IngestReport, SourceReport
    from pipelines.sources import Found


class SideBySide:
    """Chunks and ends of sources on their way to the ledger.

    Args:
        engine: Types chunks.
        ledger: Takes sources that are whole.
        report: Takes what becomes of each source.
        threads: How many chunks are typed side by side.

    Attributes:
        lines: Lines taken in so far.
        disturbed: Files that were gone, replaced or written over while they were read.
    """

    def __init__(self, engine: Engine, ledger: Ledger, report: IngestReport, threads: int) -> None:
        self.lines = 0
        self.disturbed: list[Found] = []
        self._engine = engine
        self._commits = Commits(ledger)
        self._report = report
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="ingest")
        self._waiting: deque[tuple[SourceRun | ArchiveRun, Future[TypedChunk] | Callable[[], bool]]] = deque()
        self._running: dict[SourceRun | ArchiveRun, Found] = {}

    def close(self) -> None:
        """Leave nothing behind of what is not committed."""
        self._pool.shutdown(cancel_futures=True)
        for committed in self._commits.close():
            del self._running[committed]
        for run in self._running:
            run.discard()

    def start(self, run: SourceRun | ArchiveRun, found: Found) -> None:
        """A source is being read from now on."""
        self._running[run] = found

    def submit(self, run: SourceRun, chunk: Chunk) -> None:
        """Have the next chunk of a source typed; returns when no more than one per worker waits, while the next one is cut."""
        self._waiting.append((run, self._pool.submit(self._engine.typed, run.detected, chunk)))
        self._take_in(at_most=self._threads)

    def end(self, run: SourceRun | ArchiveRun, is_intact: Callable[[], bool]) -> None:
        """All chunks of a source are submitted; it is committed if it stayed the same while it was read."""
        self._waiting.append((run, is_intact))

    def drain(self) -> None:
        """Wait for everything."""
        self._take_in(at_most=0)
        self._settle(self._commits.rest())

    def fail(self, run: SourceRun | ArchiveRun, error: Exception) -> None:
        """A source cannot be read on."""
        run.discard()
        self.refuse(self._running.pop(run), error)

    def refuse(self, file: Found, error: Exception) -> None:
        """A file cannot be read: it is gone, or why not."""
        if isinstance(error, FileNotFoundError):
            self.disturbed.append(file)
        elif isinstance(error, SourceError):
            self._report.unreadable.append(Unreadable(file.uri, error.what, error.remedy))
        else:
            self._report.unreadable.append(Unreadable(file.uri, (error.strerror if isinstance(error, OSError) else None) or str(error)))

    def _take_in(self, at_most: int) -> None:
        while len(self._waiting) > at_most:
            run, result = self._waiting.popleft()
            if run.is_failed:
                continue
            if not isinstance(result, Future):
                self._end(run, result)
            elif isinstance(run, SourceRun):
                self._add(run, result)

    def _add(self, run: SourceRun, result: Future[TypedChunk]) -> None:
        try:
            typed = result.result()
        except duckdb.Error as error:
            self.fail(run, error)
            return
        run.add(typed)
        self.lines += typed.lines

    def _end(self, run: SourceRun | ArchiveRun, is_intact: Callable[[], bool]) -> None:
        try:
            is_whole = is_intact()
        except (SourceError, OSError) as error:
            self.fail(run, error)
            return
        if not is_whole:
            run.discard()
            self.disturbed.append(self._running.pop(run))
            return
        if isinstance(run, ArchiveRun):
            # It says that all its members are committed.
            self._settle(self._commits.rest())
        self._settle(self._commits.add(run))

    def _settle(self, committed: Iterable[tuple[SourceRun | ArchiveRun, SourceReport]]) -> None:
        for run, report in committed:
            self._report.sources.append(report)
            self._report.vanished += run.vanished if isinstance(run, ArchiveRun) else []
            self._report.shrunk += [run.uri] if isinstance(run, SourceRun) and run.is_shrunk else []
            del self._running[run]
