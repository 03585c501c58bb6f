"""Undoing compression while a file streams by, told by its first bytes and not by its name.

Here: `Decompressor`, which gives every byte that can be had, then says in `problem` what was wrong. Not here: opening files.
"""

from __future__ import annotations

import bz2
import lzma
from typing import TYPE_CHECKING, Protocol

import zstandard
from isal import isal_zlib

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_XZ_MAGIC = b"\xfd7zXZ\0"
_BZIP2_MAGIC = b"BZh"
# More than any preset of xz asks for.
_XZ_MEMORY_BYTES = 256 * 1024 * 1024
_READ_BYTES = 256 * 1024
_PIECE_BYTES = 8 * 1024 * 1024
_GZIP_BITS = 31


class Readable(Protocol):
    """What gives bytes until there are none."""

    def read(self, size: int = -1, /) -> bytes:
        """Up to so many bytes."""
        ...


class Decompressor:
    """The decompressed bytes of one file, in pieces of up to 8 MiB.

    Args:
        file: The bytes as stored.
        size_limit: How many stored bytes are read at most: a log that grows meanwhile is read as it was when its digest was taken.

    Attributes:
        problem: What was wrong with the compressed data as a whole, once all pieces are out; None if nothing was.
        stored_bytes: Stored bytes read so far.
        raw_bytes: Decompressed bytes so far.
    """

    def __init__(self, file: Readable, size_limit: int | None = None) -> None:
        self._file = file
        self._left = size_limit
        self.problem: str | None = None
        self.stored_bytes = 0
        self.raw_bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        """Give the pieces, none of them empty."""
        first = self._read()
        if first.startswith(_GZIP_MAGIC):
            pieces = self._gzip(first)
        elif first.startswith(_ZSTD_MAGIC):
            pieces = self._zstd(first)
        elif first.startswith(_XZ_MAGIC):
            pieces = self._streams(first, "xz", lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY_BYTES))
        elif first.startswith(_BZIP2_MAGIC):
            pieces = self._streams(first, "bzip2", bz2.BZ2Decompressor)
        else:
            pieces = self._plain(first)
        for piece in pieces:
            self.raw_bytes += len(piece)
            yield piece

    def _read(self) -> bytes:
        wanted = _READ_BYTES if self._left is None else min(_READ_BYTES, self._left)
        data = self._file.read(wanted) if wanted else b""
        self.stored_bytes += len(data)
        if self._left is not None:
            self._left -= len(data)
        return data

    def _plain(self, data: bytes) -> Iterator[bytes]:
        while data:
            yield data
            data = self._read()

    def _gzip(self, data: bytes) -> Iterator[bytes]:
        """Members one after the other; zeros after the last one are padding."""
        inflater = isal_zlib.decompressobj(_GZIP_BITS)
        is_inside = False
        while data := data or self._read():
            try:
                piece = inflater.decompress(data, _PIECE_BYTES)
            except isal_zlib.error as error:  # type: ignore[misc]  # its stubs call it a function
                self.problem = f"the gzip data is damaged at about byte {self.stored_bytes}: {error}"
                return
            is_inside = True
            if piece:
                yield piece
            data = inflater.unconsumed_tail
            if inflater.eof:
                data = (inflater.unused_data or self._read()).lstrip(b"\0")
                inflater, is_inside = isal_zlib.decompressobj(_GZIP_BITS), False
                if data and not data.startswith(_GZIP_MAGIC[: len(data)]):
                    self.problem = "bytes that are no gzip follow the gzip data"
                    return
        if is_inside:
            self.problem = "the gzip data ends early: the file was cut"

    def _zstd(self, data: bytes) -> Iterator[bytes]:
        """Frames one after the other."""
        decoder = zstandard.ZstdDecompressor(max_window_size=2**31).decompressobj(read_across_frames=False)
        is_inside = False
        while data := data or self._read():
            try:
                piece = decoder.decompress(data)
            except zstandard.ZstdError as error:
                self.problem = f"the zstd data is damaged at about byte {self.stored_bytes}: {error}"
                return
            is_inside = True
            yield from (piece[start : start + _PIECE_BYTES] for start in range(0, len(piece), _PIECE_BYTES))
            data = b""
            if decoder.eof:
                data = decoder.unused_data
                decoder, is_inside = zstandard.ZstdDecompressor(max_window_size=2**31).decompressobj(read_across_frames=False), False
        if is_inside:
            self.problem = "the zstd data ends early: the file was cut"

    def _streams(self, data: bytes, name: str, opened: Callable[[], bz2.BZ2Decompressor | lzma.LZMADecompressor]) -> Iterator[bytes]:
        """Streams of xz or bzip2 one after the other; zeros after one are padding."""
        decoder, is_inside = opened(), False
        while data := data or self._read():
            try:
                piece = decoder.decompress(data, _PIECE_BYTES)
                while piece:
                    yield piece
                    piece = b"" if decoder.eof or decoder.needs_input else decoder.decompress(b"", _PIECE_BYTES)
            except (lzma.LZMAError, OSError, ValueError) as error:
                self.problem = f"the {name} data is damaged at about byte {self.stored_bytes}: {error}"
                return
            data, is_inside = b"", True
            if decoder.eof:
                data = (decoder.unused_data or self._read()).lstrip(b"\0")
                decoder, is_inside = opened(), False
        if is_inside:
            self.problem = f"the {name} data ends early: the file was cut"
