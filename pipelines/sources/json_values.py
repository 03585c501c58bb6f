"""JSON values that no line end parts, turned into one per line: arrays, pretty-printed documents, objects put one after the other.

Here: `value_lines`, which any way of cutting the bytes gives the same lines, and `resync_mark`. Only braces are counted: what stands
between two objects (commas, brackets, the record separator of JSON text sequences) parts them. Not here: telling that a file is such a
one (`sniff`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

_BOM = b"\xef\xbb\xbf"
_SEPARATORS = b" \t\r\n,[]\x1e"
# What is compared stays in the cache.
_BLOCK_BYTES = 512 * 1024
_NEWLINE, _QUOTE, _BACKSLASH, _OPENING, _CLOSING = b'\n"\\{}'
# Less than any depth; sums of as many as a piece may hold stay in 64 bits.
_RESET = -(1 << 32)
_OPENING_OF_SOME = re.compile(rb"\{(?!\s*\})(?:[ \t]*\r?\n([ \t]*))?")


def resync_mark(head: bytes) -> bytes:
    """What surely starts a record anew, even inside of one that was cut: a line that opens as the first record's does; b"" if nothing does.

    Inside of an indented object no line opens an object so far to the left.
    """
    first = _OPENING_OF_SOME.search(head)
    if first is None:
        return b""
    lead = head[head.rfind(b"\n", 0, first.start()) + 1 : first.start()].removeprefix(_BOM)
    is_usual = not lead.strip(b" \t\x1e") and (first[1] is None or len(first[1]) > len(lead))
    return b"\n" + lead + b"{" if is_usual else b""


def value_lines(pieces: Iterable[bytes], mark: bytes) -> Iterator[bytes]:
    """Put each JSON object of a stream on a line of its own; text that is none stays the lines that it is. Gives no empty pieces.

    Args:
        pieces: The stream, cut anywhere.
        mark: What surely starts a record, as `resync_mark` tells it.
    """
    parting = _Parting(mark)
    for piece in pieces:
        for start in range(0, len(piece), _BLOCK_BYTES):
            if lines := parting.lines(piece[start : start + _BLOCK_BYTES]):
                yield lines
    if lines := parting.rest():
        yield lines


class _Parting:
    """How far a stream is: how deep inside of objects, inside of a string or not, and what of it was said."""

    def __init__(self, mark: bytes) -> None:
        self._mark = mark
        self._held = b""
        self._is_first = True
        self._depth = 0
        self._is_in_string = False
        self._is_escaped = False
        self._is_in_text = False

    def lines(self, piece: bytes) -> bytes:
        piece = self._held + piece
        if self._is_first and len(piece) < len(_BOM):
            self._held = piece
            return b""
        piece, self._is_first = piece.removeprefix(_BOM) if self._is_first else piece, False
        # A mark may begin here and end in the next piece.
        held = next((size for size in range(len(self._mark) - 1, 0, -1) if piece.endswith(self._mark[:size])), 0)
        piece, self._held = piece[: len(piece) - held], piece[len(piece) - held :]
        return self._parted(piece) if piece else b""

    def rest(self) -> bytes:
        return self._parted(self._held) if self._held else b""

    def _parted(self, piece: bytes) -> bytes:
        parts: list[bytes] = []
        done = 0
        for start, end in self._records(piece):
            if start > done or self._is_in_text:
                self._say_text(piece[done:start], parts)
            if self._is_in_text:
                parts.append(b"\n")
                self._is_in_text = False
            parts.append(piece[start : abs(end)].replace(b"\n", b" "))
            if end >= 0:
                parts.append(b"\n")
            done = abs(end)
        self._say_text(piece[done:], parts)
        return b"".join(parts)

    def _say_text(self, text: bytes, parts: list[bytes]) -> None:
        """What stands between objects: nothing, or lines of something else."""
        while text := text if self._is_in_text else text.lstrip(_SEPARATORS):
            line, newline, text = text.partition(b"\n")
            parts.append(line + newline)
            self._is_in_text = not newline

    def _records(self, piece: bytes) -> list[tuple[int, int]]:
        """Where each object of a piece starts and ends; the end of one that goes on after the piece has a minus."""
        places, changes = self._events(piece)
        sums = self._depth + np.cumsum(changes)
        depths = sums - np.minimum(np.minimum.accumulate(sums), 0) if len(sums) else sums
        before = np.concatenate(([self._depth], depths[:-1])) if len(sums) else sums
        starts = places[(changes > 0) & (before == 0)].tolist()
        # A closing brace is part of its record; the mark of the next one is not.
        ends = (places + (changes == -1))[(depths == 0) & (before > 0)].tolist()
        if self._depth:
            starts.insert(0, 0)
        if len(sums):
            self._depth = int(depths[-1])
        if self._depth:
            ends.append(-len(piece))
        return list(zip(starts, ends, strict=True))

    def _events(self, piece: bytes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Braces outside of strings and marks, in order, with how they change the depth."""
        data = np.frombuffer(piece, np.uint8)
        braces = self._outside_of_strings(data, np.flatnonzero((data == _OPENING) | (data == _CLOSING)))
        changes = np.where(data[braces] == _OPENING, 1, -1)
        if not self._mark or not (marks := [found.start() for found in re.finditer(re.escape(self._mark), piece)]):
            return braces, changes
        places = np.concatenate((np.array(marks), braces))
        order = np.argsort(places, kind="stable")
        return places[order], np.concatenate((np.full(len(marks), _RESET), changes))[order]

    def _outside_of_strings(self, data: NDArray[np.uint8], places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those of some places that lie outside of strings. No string goes over a line's end: what was cut hurts one line only."""
        quotes = self._quotes(data)
        newlines = np.flatnonzero(data == _NEWLINE)
        before_line = np.concatenate(([-int(self._is_in_string)], np.searchsorted(quotes, newlines)))
        self._is_in_string = bool((len(quotes) - before_line[-1]) % 2)
        inside = (np.searchsorted(quotes, places) - before_line[np.searchsorted(newlines, places)]) % 2
        outside: NDArray[np.int64] = places[inside == 0]
        return outside

    def _quotes(self, data: NDArray[np.uint8]) -> NDArray[np.int64]:
        """The quotes that no backslash escapes: an even number of them stands before."""
        quotes = np.flatnonzero(data == _QUOTE)
        slashes = np.flatnonzero(data == _BACKSLASH)
        first_of_run = np.flatnonzero(np.diff(slashes, prepend=-2) > 1)
        starts, lengths = slashes[first_of_run], np.diff(np.append(first_of_run, len(slashes)))
        # A backslash at the end of the former piece is one more of a run that goes on here, or a run of its own.
        ends, is_odd = np.append(0, starts + lengths), np.append(self._is_escaped, lengths % 2 == 1)
        if len(starts) and starts[0] == 0:
            ends, is_odd = ends[1:], np.append(is_odd[1] != is_odd[0], is_odd[2:])
        escaped = ends[is_odd]
        self._is_escaped = bool(len(escaped) and escaped[-1] == len(data))
        if len(escaped):
            quotes = quotes[escaped[np.minimum(np.searchsorted(escaped, quotes), len(escaped) - 1)] != quotes]
        return quotes
