"""Reading many sources: one thread reads and commits, a few type chunks side by side, a bounded number ahead.

Here: `Flow`. Chunks are taken in in the order of the files, so the result never depends on the number of threads. Not here: what
happens to one chunk (`engine`) or to one source (`source_run`).
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

import duckdb

from pipelines.errors import SourceError
from pipelines.ingest.archive_run import ArchiveRun
from pipelines.ingest.chunks import Limits, chunks
from pipelines.ingest.engine import Engine, TypedChunk
from pipelines.ingest.ledger import Ledger, file_digest, reader_fingerprint, source_id
from pipelines.ingest.report import Progress, Unreadable
from pipelines.ingest.source_run import SourceRun, report_of
from pipelines.sources import Decompressor, Detected, Found, Framing, detect, open_source
from pipelines.sources.archives import ARCHIVE, SEPARATOR, MemberFile, archive_of
from pipelines.sources.json_values import value_lines
from pipelines.sources.sniff import HEAD_BYTES, sniff
from pipelines.sources.yaml_documents import json_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipelines.config import Settings
    from pipelines.ingest.chunks import Chunk
    from pipelines.ingest.report import Callback, IngestReport
    from pipelines.lake import Lake
    from pipelines.sources import Shape
    from pipelines.sources.archives import Archive
    from pipelines.sources.compression import Readable


# Archives in archives that are read.
_DEEPEST = 3
_NOTHING_IN_IT = "an archive that holds neither audit logs nor Kubernetes Events or objects"
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
        self._reader = reader_fingerprint(settings, shape)
        self._threads = settings.ingest.worker_count
        self._engine = Engine(settings)
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="ingest")
        self._waiting: deque[tuple[SourceRun | ArchiveRun, Future[TypedChunk] | None]] = deque()
        self._running: list[SourceRun | ArchiveRun] = []
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
        members = self._ledger.members(file.uri) if row["shape"] == ARCHIVE else ()
        self._report.sources += [report_of(each, is_unchanged=True) for each in (row, *members)]
        return True

    def _read_archive(self, file: Found, run: ArchiveRun) -> None:
        """Read the members of an archive as sources of their own, then commit it as a whole."""
        known = len(run.found)
        for member in run.archive:
            found = Found(f"{file.uri}{SEPARATOR}{member.name}", member.size_bytes, is_explicit=False)
            if member.problem is not None:
                run.is_whole = False
                self._report.unreadable.append(Unreadable(found.uri, member.problem))
            elif self._is_unchanged(found, run.digest):
                run.found.add(found.uri)
            elif source := self._read_stored(found, member.file, run.digest, member.size_bytes, run):
                run.members.append(source)
                run.found.add(found.uri)
        if run.outer is not None:
            run.outer.is_whole &= run.is_whole and run.archive.problem is None
        if len(run.found) == known or (run.outer is not None and run.archive.problem):
            if run.is_whole:
                self._leave_aside(file, run.archive.problem, _NOTHING_IN_IT)
        elif run.outer is None:
            self._running.append(run)
            self._waiting.append((run, None))

    def _read_stored(self, file: Found, stored: Readable, digest: str, size: int, outer: ArchiveRun | None = None) -> SourceRun | None:
        """Read what a file holds; None if that is nothing, or an archive."""
        pieces = Decompressor(stored, size)
        stream = iter(pieces)
        head = _head(stream)
        if file.uri.count(SEPARATOR) <= _DEEPEST and (archive := archive_of(stored, head, pieces, stream)) is not None:
            self._read_archive(file, outer.inner(file.uri, archive) if outer else ArchiveRun(self._report.cluster, file.uri, digest, size, archive))
            return None
        detected = self._detected(head)
        if detected is None:
            self._leave_aside(file, _problem(pieces, stored), _NOTHING_KNOWN)
            return None
        run = SourceRun(self._lake, self._report.cluster, file.uri, digest, size, detected, self._settings)
        self._running.append(run)
        try:
            for chunk in chunks(_records(chain((head,), stream), detected), self._limits(detected)):
                self._submit(run, chunk, outer.archive if outer else pieces)
        except (SourceError, OSError) as error:
            self._fail(run, error)
            return run
        run.problem, run.raw_bytes = _problem(pieces, stored), pieces.raw_bytes
        self._waiting.append((run, None))
        return run

    def _detected(self, head: bytes) -> Detected | None:
        return detect(head) if self._shape is None else sniff(head, [self._shape], otherwise=self._shape)

    def _limits(self, detected: Detected) -> Limits:
        limits = self._settings.ingest
        is_document = detected.shape.is_expanding
        return Limits(detected.framing, limits.chunk_bytes, limits.max_document_bytes if is_document else limits.max_line_bytes, is_document)

    def _leave_aside(self, file: Found, problem: str | None, nothing: str) -> None:
        if file.is_explicit or problem is not None:
            self._report.unreadable.append(Unreadable(file.uri, problem or nothing))
        else:
            self._report.left_aside.append(file.uri)

    def _submit(self, run: SourceRun, chunk: Chunk, pieces: Decompressor | Archive) -> None:
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
            if future is None or isinstance(run, ArchiveRun):
                self._report.sources.append(run.commit(self._ledger))
                self._report.vanished += run.vanished if isinstance(run, ArchiveRun) else []
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


def _problem(pieces: Decompressor, stored: Readable) -> str | None:
    return pieces.problem or (stored.problem if isinstance(stored, MemberFile) else None)


def _records(pieces: Iterator[bytes], detected: Detected) -> Iterator[bytes]:
    """The pieces with an end of line after each record."""
    if detected.framing is Framing.YAML:
        return json_lines(pieces)
    return value_lines(pieces, detected.mark) if detected.framing is Framing.VALUES else pieces


def _head(stream: Iterator[bytes]) -> bytes:
    """The first pieces, at least as long as what is looked at to tell the shape."""
    head: list[bytes] = []
    for piece in stream:
        head.append(piece)
        if sum(map(len, head)) >= HEAD_BYTES:
            break
    return b"".join(head)
