"""The lines of a gzip, inflated by igzip in small pieces that stay in the cache. Not here: what is done with them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from isal import isal_zlib

if TYPE_CHECKING:
    from collections.abc import Iterator

_READ_BYTES = 64 * 1024
_GZIP_BITS = 31


def line_blocks(source: str) -> Iterator[list[bytes]]:
    """Whole lines, a few hundred at a time."""
    inflater = isal_zlib.decompressobj(_GZIP_BITS)
    rest = b""
    with Path(source).open("rb") as file:
        while data := file.read(_READ_BYTES):
            *lines, rest = (rest + inflater.decompress(data)).split(b"\n")
            yield lines
    if rest:
        yield [rest]
