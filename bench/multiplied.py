"""A recorded log several times over, as one gzip: what the benchmarks read.

Each copy is an hour later than the former and has its own audit ids, uids, resource versions and generated names, alike in all lines that
speak of one object, so that no row repeats another and nothing compresses better than it would. The same recording and number of
copies give the same bytes, which are kept under `bench/data`. Not here: what is measured on them.
"""

from __future__ import annotations

import os
import random
import re
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from isal import isal_zlib

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FOLDER = Path(__file__).parent / "data"
# Raise it when the same recording gives other bytes.
_VERSION = 1
_PIECE_BYTES = 4 * 1024 * 1024
_GZIP_BITS = 31
_LEVEL = 6
_VERSIONS_APART = 10_000_000
_SAFE = b"bcdfghjklmnpqrstvwxz2456789"
_HEX = b"0123456789abcdef"
_VARYING = re.compile(
    rb"(?P<instant>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)"
    rb"|(?P<uuid>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
    rb'|(?P<version>(?<="resourceVersion":")\d+|(?<=resourceVersion=)\d+)'
    rb'|(?P<nanos>(?<=\.)1[0-9a-f]{15}(?=["/\\]))'
    rb"|(?P<name>(?<=-)(?:[%b]{8,10}|[%b]{5})(?![0-9a-z]))" % (_SAFE, _SAFE)
)


def multiplied(recording: Path, copies: int, *, compressed: bool = True) -> Path:
    """The recording's audit log `copies` times over, as one file; made if it is not there yet."""
    path = FOLDER / f"{recording.name}-x{copies}-{_VERSION}.log{'.gz' if compressed else ''}"
    if not path.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".tmp")
        with unfinished.open("wb") as file:
            for data in _gzipped(_copies(recording, copies)) if compressed else _copies(recording, copies):
                file.write(data)
        unfinished.rename(path)
    return path


def raw_bytes(path: Path) -> int:
    """How many bytes the file holds once it is decompressed."""
    if path.suffix != ".gz":
        return path.stat().st_size
    with path.open("rb") as file:
        # The trailer of a gzip has the size modulo 4 GiB, which the bench's files stay below.
        file.seek(-4, os.SEEK_END)
        return int.from_bytes(file.read(), "little")


def _copies(recording: Path, copies: int) -> Iterator[bytes]:
    for number in range(copies):
        change = _changed_for(number)
        for piece in _whole_lines(recording):
            yield piece if number == 0 else _VARYING.sub(change, piece)


def _whole_lines(recording: Path) -> Iterator[bytes]:
    for path in sorted((recording / "audit").glob("*.gz"), key=lambda each: (each.name == "audit.log.gz", each.name)):
        data = isal_zlib.decompress(path.read_bytes(), _GZIP_BITS)
        start = 0
        while start < len(data):
            end = data.find(b"\n", start + _PIECE_BYTES) + 1 or len(data)
            yield data[start:end]
            start = end


def _changed_for(number: int) -> Callable[[re.Match[bytes]], bytes]:
    """What replaces a match in one copy."""
    hexadecimal, safe = _permuted(_HEX, number), _permuted(_SAFE, number)
    later = timedelta(hours=number)
    instants: dict[bytes, bytes] = {}

    def changed(match: re.Match[bytes]) -> bytes:
        word = match.group()
        match match.lastgroup:
            case "instant":
                if word not in instants:
                    instants[word] = (datetime.fromisoformat(word.decode()).replace(tzinfo=UTC) + later).strftime("%Y-%m-%dT%H:%M:%S").encode()
                return instants[word]
            case "uuid":
                return word.translate(hexadecimal)
            case "version":
                return b"%d" % (int(word) + number * _VERSIONS_APART) if word != b"0" else word
            case "nanos":
                return b"%x" % (int(word, 16) + int(later.total_seconds()) * 1_000_000_000)
        return word.translate(safe)

    return changed


def _permuted(alphabet: bytes, number: int) -> bytes:
    """A table for `translate` that puts another letter of the alphabet for each."""
    letters = list(alphabet)
    random.Random(number).shuffle(letters)  # noqa: S311 - names, not secrets
    return bytes.maketrans(alphabet, bytes(letters))


def _gzipped(pieces: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP_BITS)
    for piece in pieces:
        yield packer.compress(piece)
    yield packer.flush()
