"""Reading many sources: files are opened ahead of their turn, one thread reads them, a few type chunks side by side.

Here: `Flow`. Not here: opening (`ahead`), and what becomes of chunks and sources once they are read (`side_by_side`).
"""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Self

from pipelines.errors import SourceError
from pipelines.ingest.ahead import opened_ahead
from pipelines.ingest.archive_run import ArchiveRun
from pipelines.ingest.chunks import Limits, chunks
from pipelines.ingest.engine import Engine
from pipelines.ingest.known_files import KnownFiles
from pipelines.ingest.ledger import Ledger, reader_fingerprint, source_digest, source_id
from pipelines.ingest.report import Progress, Unreadable
from pipelines.ingest.side_by_side import SideBySide
from pipelines.ingest.source_run import SourceRun, report_of
from pipelines.sources import Blocks, Decompressor, Detected, Found, Framing, detect, inside
from pipelines.sources.archives import ARCHIVE, SEPARATOR, MemberFile, archive_of
from pipelines.sources.json_values import value_lines
from pipelines.sources.sniff import HEAD_BYTES, sniff
from pipelines.sources.yaml_documents import json_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType

    from pipelines.config import Settings
    from pipelines.ingest.chunks import Chunk
    from pipelines.ingest.report import Callback, IngestReport
    from pipelines.lake import Lake
    from pipelines.sources import Opened, Shape
    from pipelines.sources.archives import Archive, Member


# Archives in archives that are read.
_DEEPEST = 3
_NOTHING_IN_IT = "an archive that holds neither audit logs nor Kubernetes Events or objects"
_NOTHING_KNOWN = "neither an audit log nor Kubernetes Events or objects in JSON"


class Flow:
    """One ingest of one cluster; to be used as a context manager.

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
        self._known = KnownFiles()
        self._reader = reader_fingerprint(settings, shape)
        self._engine = Engine(settings)
        self._typing = SideBySide(self._engine, self._ledger, report, settings.ingest.worker_count)
        self._marker = ExitStack()
        self._now = Progress("", 0, 0, 0, 0, 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._typing.close()
        self._marker.close()
        self._engine.close()
        self._known.close()

    def read(self, files: Sequence[Found]) -> list[Found]:
        """Read all files into the lake. What was committed stays if it is interrupted; what was not leaves nothing.

        Returns:
            The files that were gone, replaced or written over while they were read; nothing of them is in the lake but what was before.
        """
        self._now = Progress("", 0, sum(file.size_bytes for file in files), 0, len(files), 0)
        with Blocks() as blocks, closing(opened_ahead(self._changed(files), blocks)) as outcomes:
            for found, outcome in outcomes:
                self._now = replace(self._now, uri=found.uri)
                if isinstance(outcome, Exception):
                    self._typing.refuse(found, outcome)
                else:
                    with closing(outcome):
                        self._read_opened(outcome)
                self._count(found)
            self._typing.drain()
        disturbed, self._typing.disturbed = self._typing.disturbed, []
        return disturbed

    def _changed(self, files: Sequence[Found]) -> Iterator[Found]:
        """The files that must be opened; of the others it can be told without what they are, or that the lake has them."""
        for file in files:
            if file.problem is not None:
                self._report.unreadable.append(Unreadable(file.uri, file.problem, file.remedy))
            elif not self._is_unchanged(file, self._digest(self._known.content(file))):
                yield file
                continue
            self._count(file)

    def _count(self, file: Found) -> None:
        self._now = replace(self._now, bytes_done=self._now.bytes_done + file.size_bytes, sources_done=self._now.sources_done + 1)

    def _digest(self, content: str) -> str:
        return source_digest(content, self._reader) if content else ""

    def _is_unchanged(self, file: Found, digest: str) -> bool:
        row = self._ledger.row_as_read(source_id(self._report.cluster, file.uri), digest)
        if row is None:
            return False
        members = self._ledger.members(file.uri) if row["shape"] == ARCHIVE else ()
        self._report.sources += [report_of(each, is_unchanged=True) for each in (row, *members)]
        return True

    def _read_opened(self, opened: Opened) -> None:
        self._known.remember(opened)
        digest = self._digest(opened.content)
        if opened.is_replaced:
            self._typing.disturbed.append(opened.found)
        elif not self._is_unchanged(opened.found, digest):
            self._read_stored(opened, digest)

    def _read_stored(self, opened: Opened, digest: str, outer: ArchiveRun | None = None) -> SourceRun | None:
        """Read what a file holds, one of its own or in an archive; None if that is nothing, or an archive."""
        file, size = opened.found, opened.size_bytes
        pieces = Decompressor(opened.file, size)
        stream = iter(pieces)
        try:
            head = _head(stream)
        except (SourceError, OSError) as error:
            self._typing.refuse(file, error)
            return None
        if file.uri.count(SEPARATOR) <= _DEEPEST and (archive := archive_of(opened.seekable, head, pieces, stream)) is not None:
            run = outer.inner(file.uri, archive) if outer else ArchiveRun(self._report.cluster, file.uri, digest, size, archive)
            self._read_archive(opened, run)
            return None
        detected = self._detected(head)
        if detected is None:
            self._leave_aside(file, _problem(pieces, opened), _NOTHING_KNOWN)
            return None
        # One marker does for all files; without any to read, nothing is written.
        self._marker.enter_context(self._lake.ingesting(self._report.cluster))
        source = SourceRun(self._lake, self._report.cluster, file.uri, digest, size, detected, self._settings)
        self._typing.start(source, file)
        cut = chunks(_records(chain((head,), stream), detected), self._limits(detected))
        self._read_chunks(source, cut, outer.archive if outer else pieces)
        if not source.is_failed:
            source.problem, source.raw_bytes = _problem(pieces, opened), pieces.raw_bytes
            self._typing.end(source, opened.check())
        return source

    def _read_chunks(self, run: SourceRun, cut: Iterator[Chunk], pieces: Decompressor | Archive) -> None:
        while not run.is_failed:
            # Only what goes wrong in reading is the file's; what goes wrong in writing the lake ends the ingest.
            try:
                chunk = next(cut, None)
            except (SourceError, OSError) as error:
                self._typing.fail(run, error)
                return
            if chunk is None:
                return
            self._typing.submit(run, chunk)
            if self._progress is not None:
                self._progress(replace(self._now, bytes_done=self._now.bytes_done + pieces.stored_bytes, lines=self._typing.lines))

    def _read_archive(self, opened: Opened, run: ArchiveRun) -> None:
        """Read the members of an archive as sources of their own, then commit it as a whole."""
        file, known = opened.found, len(run.found)
        for member in self._members(file, run):
            found = Found(f"{file.uri}{SEPARATOR}{member.name}", member.size_bytes, is_explicit=False)
            if member.problem is not None:
                run.is_whole = False
                self._report.unreadable.append(Unreadable(found.uri, member.problem))
            elif self._is_unchanged(found, run.digest):
                run.found.add(found.uri)
            elif source := self._read_stored(inside(found, member.file), run.digest, run):
                run.members.append(source)
                run.found.add(found.uri)
        if run.outer is not None:
            run.outer.is_whole &= run.is_whole and run.archive.problem is None
        if len(run.found) == known or (run.outer is not None and run.archive.problem):
            if run.is_whole:
                self._leave_aside(file, run.archive.problem, _NOTHING_IN_IT)
        elif run.outer is None:
            self._typing.start(run, file)
            self._typing.end(run, opened.check())

    def _members(self, file: Found, run: ArchiveRun) -> Iterator[Member]:
        """The members of an archive, as far as it can be read."""
        members = iter(run.archive)
        while True:
            try:
                member = next(members, None)
            except (SourceError, OSError) as error:
                run.is_whole = False
                self._typing.refuse(file, error)
                return
            if member is None:
                return
            yield member

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


def _problem(pieces: Decompressor, opened: Opened) -> str | None:
    return pieces.problem or (opened.file.problem if isinstance(opened.file, MemberFile) else None)


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
