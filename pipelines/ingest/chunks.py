"""Cutting a stream of bytes into chunks at the end of a record, and a chunk into records.

Here: `chunks` (cheap: it only looks for the last border) and `records` (which finds all borders; the text is not copied). Any way of
cutting gives the same records. Not here: what the records mean (`engine`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from pipelines.errors import SourceError
from pipelines.sources import Framing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

_BOM = b"\xef\xbb\xbf"
_NEWLINE = 10
_KEPT_BYTES = 64 * 1024
# The runtime splits long lines: `P` says that the next line carries on.
_CRI_PART = re.compile(rb"^\S{20,40} (?:stdout|stderr) P(?:[: ]|$)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Limits:
    """How a stream is cut.

    Args:
        framing: What a record is; JSON values have been put on lines of their own.
        chunk_bytes: Chunks are at least so long, but for the last.
        max_record_bytes: A record that is longer is cut, or refused.
        is_refusing: Whether a record that is longer ends the reading.
    """

    framing: Framing
    chunk_bytes: int
    max_record_bytes: int
    is_refusing: bool


@dataclass(frozen=True, slots=True)
class Chunk:
    """Whole records one after the other, up to `end`; or the beginning of a single one that is longer than allowed."""

    data: bytes
    end: int | None = None
    is_cut: bool = False

    @property
    def text(self) -> memoryview:
        """The records."""
        return memoryview(self.data)[: self.end]


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A record that cannot be read; `line_no` counts from 0 in its chunk."""

    line_no: int
    reason: str
    raw: str


@dataclass(frozen=True, slots=True)
class Records:
    """The records of one chunk.

    Args:
        table: `line_no` (from 0 in the chunk) and `line`, without blank and bad records.
        count: All records.
        blank: How many of them hold nothing.
        bad: Those that are no text, or too long.
    """

    table: pa.Table
    count: int
    blank: int
    bad: list[BadRecord]


def chunks(pieces: Iterable[bytes], limits: Limits) -> Iterator[Chunk]:
    """Cut a stream of bytes into chunks.

    Raises:
        SourceError: A record is longer than allowed, and the limits refuse it.
    """
    pending = _Pending(limits)
    for piece in pieces:
        yield from pending.add(piece)
    yield from pending.rest()


class _Pending:
    """The bytes that wait for the end of their record."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._pieces: list[bytes] = []
        self._size = 0
        self._is_first = True
        self._is_skipping = False

    def add(self, piece: bytes) -> Iterator[Chunk]:
        if self._is_first:
            piece, self._is_first = piece.removeprefix(_BOM), False
        if self._is_skipping:
            _, newline, piece = piece.partition(b"\n")
            if not newline:
                return
            self._is_skipping = False
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size >= self._limits.chunk_bytes:
            yield from self._cut()

    def rest(self) -> Iterator[Chunk]:
        if self._size:
            yield Chunk(b"".join(self._pieces))

    def _cut(self) -> Iterator[Chunk]:
        data = b"".join(self._pieces)
        end = _last_border(data, self._limits.framing)
        if end:
            yield Chunk(data, end)
            data = data[end:]
        if len(data) > self._limits.max_record_bytes:
            yield self._too_long(data)
            self._is_skipping, data = True, b""
        self._pieces, self._size = [data], len(data)

    def _too_long(self, data: bytes) -> Chunk:
        if self._limits.is_refusing:
            raise SourceError(
                f"A JSON document is longer than {self._limits.max_record_bytes} bytes",
                remedy="Turn it into one object per line first (`jq -c '.items[]' FILE > FILE.jsonl`), or raise `ingest.max_document_bytes`.",
            )
        return Chunk(data[:_KEPT_BYTES], is_cut=True)


def _last_border(data: bytes, framing: Framing) -> int:
    """Where the last whole record ends; 0 if none does."""
    return _last_whole_cri_line(data) if framing is Framing.CRI_LINES else data.rfind(b"\n") + 1


def _last_whole_cri_line(data: bytes) -> int:
    end = data.rfind(b"\n")
    while end >= 0:
        start = data.rfind(b"\n", 0, end)
        if not _CRI_PART.match(data, start + 1):
            break
        end = start
    return end + 1


def records(chunk: Chunk, framing: Framing, max_record_bytes: int) -> Records:
    """Find the records of a chunk and set aside those that are no UTF-8 or too long."""
    if chunk.is_cut:
        return Records(_table([], _texts(b"", np.zeros(1, np.int64))), 1, 0, [_bad(0, _too_long_reason(max_record_bytes), chunk.text)])
    text = chunk.text
    data = np.frombuffer(text, np.uint8)
    borders = _borders(chunk, framing)
    lengths = np.diff(borders)
    texts = _texts(text, borders)
    is_blank = _is_blank(data, borders[:-1], lengths)
    # A line's end is no part of it.
    is_long = lengths - (data[borders[1:] - 1] == _NEWLINE) > max_record_bytes
    bad = [_bad(int(no), _too_long_reason(max_record_bytes), text[borders[no] : borders[no] + _KEPT_BYTES]) for no in np.flatnonzero(is_long)]
    no_text = [no for no in _no_utf8(texts, 0) if not is_long[no]]
    bad += [_bad(no, "not UTF-8", text[borders[no] : borders[no + 1]]) for no in no_text]
    is_good = ~(is_blank | is_long)
    is_good[no_text] = False
    numbers = np.flatnonzero(is_good)
    table = _table(numbers, texts if len(numbers) == len(texts) else texts.filter(pa.array(is_good)))
    return Records(table, len(lengths), int(is_blank.sum()), bad)


def _borders(chunk: Chunk, framing: Framing) -> NDArray[np.int64]:
    """0, then the end of each record."""
    ends = np.array(_newlines(chunk), np.int64)
    if framing is Framing.CRI_LINES:
        places = np.searchsorted(ends, [part.start() for part in _CRI_PART.finditer(chunk.text)])
        ends = np.delete(ends, places[places < len(ends)])
    borders = np.concatenate((np.zeros(1, np.int64), ends + 1))
    return borders if borders[-1] == len(chunk.text) else np.append(borders, len(chunk.text))


def _newlines(chunk: Chunk) -> list[int]:
    """Where lines end. A line costs 0.1 µs, of the 10 that typing it costs; comparing all bytes in numpy costs 5 ms for 25 MB, this 2."""
    found: list[int] = []
    at = chunk.data.find(b"\n", 0, chunk.end)
    while at >= 0:
        found.append(at)
        at = chunk.data.find(b"\n", at + 1, chunk.end)
    return found


def _is_blank(data: NDArray[np.uint8], starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.bool_]:
    is_blank = lengths <= 1
    is_blank[is_blank] = data[starts[is_blank]] == _NEWLINE
    for no in np.flatnonzero(((lengths > 1) | ~is_blank) & (data[starts] <= 32)):  # noqa: PLR2004 - records that start with white space are rare
        is_blank[no] = not data[starts[no] : starts[no] + lengths[no]].tobytes().strip()
    return is_blank


def _texts(data: bytes | memoryview, borders: NDArray[np.int64]) -> pa.StringArray:
    return pa.StringArray.from_buffers(len(borders) - 1, pa.py_buffer(borders.astype(np.int32)), pa.py_buffer(data))


def _table(numbers: NDArray[np.int64] | list[int], texts: pa.StringArray) -> pa.Table:
    return pa.table({"line_no": pa.array(numbers, pa.int64()), "line": texts})


def _no_utf8(texts: pa.StringArray, first: int) -> list[int]:
    """The positions of texts that are no UTF-8, by halving: one check of the whole is all that a good chunk costs."""
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        if len(texts) == 1:
            return [first]
        half = len(texts) // 2
        return [*_no_utf8(texts[:half], first), *_no_utf8(texts[half:], first + half)]
    return []


def _bad(line_no: int, reason: str, data: bytes | memoryview) -> BadRecord:
    return BadRecord(line_no, reason, bytes(data).rstrip(b"\r\n").decode("utf-8", "backslashreplace"))


def _too_long_reason(max_record_bytes: int) -> str:
    return f"longer than {max_record_bytes} bytes; cut"
