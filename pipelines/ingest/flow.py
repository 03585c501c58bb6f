"""Reading many sources: one thread reads and commits, a few type chunks side by side, a bounded number ahead.

Here: `Flow`. Chunks are taken in in the order of the files, so the result never depends on the number of threads. Not here: what
happens to one chunk (`engine`) or to one source (`source_run`).
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from itertools import chain
from typing import IO, TYPE_CHECKING

import duckdb

from pipelines.errors import SourceError
from pipelines.ingest.chunks import Limits, chunks
from pipelines.ingest.engine import Engine, TypedChunk
from pipelines.ingest.ledger import Ledger, file_digest, reader_fingerprint, source_id
from pipelines.ingest.report import Progress, Unreadable
from pipelines.ingest.source_run import SourceRun, report_of
from pipelines.sources import Decompressor, Detected, Framing, detect, open_source
from pipelines.sources.json_values import value_lines
from pipelines.sources.sniff import HEAD_BYTES, sniff

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipelines.config import Settings
    from pipelines.ingest.chunks import Chunk
    from pipelines.ingest.report import Callback, IngestReport
    from pipelines.lake import Lake
    from pipelines.sources import Found, Shape


_NOTHING_KNOWN = "neither an audit log nor Kubernetes Events or objects in JSON"


class Flow:
    """One ingest of one cluster.

    Args:
        lake: The lake.
        report: Takes what becomes of each source.
        settings: All settings.
        shape: What all files hold; told from their content if None.
        progress: Is told how far it is after each chunk.
    """

    def __init__(self, lake: Lake, report: IngestReport, settings: Settings, shape: Shape | None, progress: Callback | None) -> None:
        self._lake = lake
        self._report = report
        self._settings = settings
        self._shape = shape
        self._progress = progress
        self._ledger = Ledger(lake, report.cluster)
        self._reader = reader_fingerprint(settings)
        self._threads = settings.ingest.worker_count
        self._engine = Engine(settings)
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="ingest")
        self._waiting: deque[tuple[SourceRun, Future[TypedChunk] | None]] = deque()
        self._running: list[SourceRun] = []
        self._now = Progress("", 0, 0, 0, 0, 0)

    def read(self, files: Sequence[Found]) -> None:
        """Read all files into the lake. What was committed stays if it is interrupted; what was not leaves nothing."""
        total = sum(file.size_bytes for file in files)
        done = 0
        try:
            for number, file in enumerate(files):
                self._now = Progress(file.uri, done, total, number, len(files), self._now.lines)
                self._read_file(file)
                done += file.size_bytes
            self._take_in(at_most=0)
        finally:
            self._pool.shutdown(cancel_futures=True)
            for run in self._running:
                run.discard()
            self._engine.close()

    def _read_file(self, file: Found) -> None:
        if file.problem is not None:
            self._report.unreadable.append(Unreadable(file.uri, file.problem))
            return
        try:
            with open_source(file.uri) as stored:
                digest, size = file_digest(stored, self._reader)
                if not self._is_unchanged(file, digest):
                    stored.seek(0)
                    self._read_stored(file, stored, digest, size)
        except OSError as error:
            self._report.unreadable.append(Unreadable(file.uri, error.strerror or str(error)))

    def _is_unchanged(self, file: Found, digest: str) -> bool:
        row = self._ledger.row(source_id(self._report.cluster, file.uri))
        if row is None or row["digest"] != digest:
            return False
        self._report.sources.append(report_of(row, is_unchanged=True))
        return True

    def _read_stored(self, file: Found, stored: IO[bytes], digest: str, size: int) -> None:
        pieces = Decompressor(stored, size)
        stream = iter(pieces)
        head = _head(stream)
        detected = self._detected(head)
        if detected is None:
            self._leave_aside(file, pieces.problem)
            return
        run = SourceRun(self._lake, self._report.cluster, file.uri, digest, size, detected, self._settings)
        self._running.append(run)
        try:
            for chunk in chunks(_records(chain(head, stream), detected), self._limits(detected)):
                self._submit(run, chunk, pieces)
        except (SourceError, OSError) as error:
            self._fail(run, error)
            return
        run.problem, run.raw_bytes = pieces.problem, pieces.raw_bytes
        self._waiting.append((run, None))

    def _detected(self, head: list[bytes]) -> Detected | None:
        data = b"".join(head)
        if self._shape is None:
            return detect(data)
        return sniff(data, [self._shape], otherwise=self._shape)

    def _limits(self, detected: Detected) -> Limits:
        limits = self._settings.ingest
        is_document = detected.shape.is_expanding
        return Limits(detected.framing, limits.chunk_bytes, limits.max_document_bytes if is_document else limits.max_line_bytes, is_document)

    def _leave_aside(self, file: Found, problem: str | None) -> None:
        if file.is_explicit or problem is not None:
            self._report.unreadable.append(Unreadable(file.uri, problem or _NOTHING_KNOWN))
        else:
            self._report.left_aside.append(file.uri)

    def _submit(self, run: SourceRun, chunk: Chunk, pieces: Decompressor) -> None:
        if run.is_failed:
            return
        self._waiting.append((run, self._pool.submit(self._engine.typed, run.detected, chunk)))
        # One chunk per worker; the next one is cut meanwhile.
        self._take_in(at_most=self._threads)
        if self._progress is not None:
            self._progress(replace(self._now, bytes_done=self._now.bytes_done + pieces.stored_bytes))

    def _take_in(self, at_most: int) -> None:
        while len(self._waiting) > at_most:
            run, future = self._waiting.popleft()
            if run.is_failed:
                continue
            if future is None:
                self._report.sources.append(run.commit(self._ledger))
                self._running.remove(run)
                continue
            try:
                typed = future.result()
            except duckdb.Error as error:
                self._fail(run, error)
                continue
            run.add(typed)
            self._now = replace(self._now, lines=self._now.lines + typed.lines)

    def _fail(self, run: SourceRun, error: Exception) -> None:
        run.discard()
        self._running.remove(run)
        self._report.unreadable.append(Unreadable(run.uri, str(error)))


def _records(pieces: Iterator[bytes], detected: Detected) -> Iterator[bytes]:
    """The pieces with an end of line after each record."""
    return value_lines(pieces, detected.mark) if detected.framing is Framing.VALUES else pieces


def _head(stream: Iterator[bytes]) -> list[bytes]:
    """The first pieces, at least as long as what is looked at to tell the shape."""
    head: list[bytes] = []
    for piece in stream:
        head.append(piece)
        if sum(map(len, head)) >= HEAD_BYTES:
            break
    return head
