"""Committing small sources while the next ones are read: a disk syncs and a bucket answers in its own time, several times for each.

Here: `Commits`. A large source is committed at once by who reads, so that the rows of two are never in memory. Not here: what a commit is
(`source_run`).
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from pipelines.ingest.source_run import SourceRun

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.ingest.archive_run import ArchiveRun
    from pipelines.ingest.ledger import Ledger
    from pipelines.ingest.report import SourceReport

_AT_ONCE = 4
_SMALL_BYTES = 16 * 1024 * 1024


class Commits:
    """Commits under way.

    Args:
        ledger: Where the rows of sources go.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="ingest-commit")
        self._waiting: deque[tuple[SourceRun | ArchiveRun, Future[SourceReport]]] = deque()

    def add(self, run: SourceRun | ArchiveRun) -> Iterator[tuple[SourceRun | ArchiveRun, SourceReport]]:
        """Commit a source that is whole; gives those that are committed by now.

        Raises:
            LorgnetteError: The lake cannot be written.
        """
        if isinstance(run, SourceRun) and run.raw_bytes <= _SMALL_BYTES:
            self._waiting.append((run, self._pool.submit(run.commit, self._ledger)))
            yield from self._done(at_most=_AT_ONCE)
        else:
            yield run, run.commit(self._ledger)

    def rest(self) -> Iterator[tuple[SourceRun | ArchiveRun, SourceReport]]:
        """Wait for all others.

        Raises:
            LorgnetteError: The lake cannot be written.
        """
        yield from self._done(at_most=0)

    def close(self) -> Iterator[SourceRun | ArchiveRun]:
        """Begin no more; gives the sources that were committed all the same."""
        self._pool.shutdown(cancel_futures=True)
        for run, future in self._waiting:
            if not future.cancelled() and future.exception() is None:
                yield run

    def _done(self, at_most: int) -> Iterator[tuple[SourceRun | ArchiveRun, SourceReport]]:
        while len(self._waiting) > at_most:
            run, future = self._waiting[0]
            report = future.result()
            self._waiting.popleft()
            yield run, report
