"""Undoing compression: every byte that can be had, and what was wrong."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
from typing import TYPE_CHECKING

import pytest
import zstandard

from pipelines.sources import Decompressor

if TYPE_CHECKING:
    from collections.abc import Callable

_DATA = b"".join(f"{number} {random.Random(number).random()}\n".encode() for number in range(60_000))  # noqa: S311 - no secret


def _xz(data: bytes) -> bytes:
    return lzma.compress(data, preset=0)


def _read(stored: bytes, size_limit: int | None = None) -> tuple[bytes, Decompressor]:
    pieces = Decompressor(io.BytesIO(stored), size_limit)
    data = list(pieces)
    assert all(0 < len(piece) <= 8 * 1024 * 1024 for piece in data)
    return b"".join(data), pieces


_STORED = {
    "plain": _DATA,
    "gzip": gzip.compress(_DATA),
    "zstd": zstandard.compress(_DATA),
    "xz": _xz(_DATA),
    "bzip2": bz2.compress(_DATA),
    "members of gzip": gzip.compress(_DATA[:9]) + gzip.compress(_DATA[9:]),
    "streams of xz": _xz(_DATA[:9]) + _xz(_DATA[9:]),
    "streams of bzip2": bz2.compress(_DATA[:9]) + bz2.compress(_DATA[9:]),
}


@pytest.mark.parametrize("stored", _STORED.values(), ids=_STORED)
def test_all_bytes_come_out(stored: bytes) -> None:
    data, pieces = _read(stored)
    assert data == _DATA
    assert (pieces.problem, pieces.raw_bytes, pieces.stored_bytes) == (None, len(_DATA), len(stored))


@pytest.mark.parametrize("compress", [gzip.compress, _xz, bz2.compress])
def test_a_bomb_comes_in_small_pieces(compress: Callable[[bytes], bytes]) -> None:
    data, pieces = _read(compress(b"\0" * 20_000_000))
    assert (len(data), pieces.problem) == (20_000_000, None)


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress, _xz, bz2.compress])
@pytest.mark.parametrize("share", [0.8, 0.9])
def test_what_was_cut_gives_its_beginning(compress: Callable[[bytes], bytes], share: float) -> None:
    stored = compress(_DATA)
    data, pieces = _read(stored[: int(len(stored) * share)])
    assert _DATA.startswith(data)
    assert len(data) > len(_DATA) * share * 0.5
    assert "ends early" in (pieces.problem or "")


def test_other_bytes_after_the_end_are_named() -> None:
    data, pieces = _read(gzip.compress(_DATA) + b"hello")
    assert data == _DATA
    assert "follow the gzip data" in (pieces.problem or "")


def test_a_damaged_checksum_is_named() -> None:
    stored = bytearray(gzip.compress(_DATA))
    stored[-8] ^= 0xFF
    _, pieces = _read(bytes(stored))
    assert "damaged" in (pieces.problem or "")


def test_no_more_is_read_than_was_there_at_first() -> None:
    data, pieces = _read(_DATA + b"grown meanwhile", len(_DATA))
    assert data == _DATA
    assert pieces.stored_bytes == len(_DATA)
