"""What comes through a pipe: it can be read only once, so it is kept until it is told what it is.

Here: `spooled`. The bytes go to memory while they are few, then to an unnamed file in $TMPDIR, lightly compressed; nothing is left when the process
ends, however it ends. A source needs a name that is the same when the same bytes come again: its digest, if the user
gives none (`docs/decisions/0020`). Not here: what becomes of it (`pipelines.ingest`).
"""

from __future__ import annotations

import errno
import hashlib
import shutil
import tempfile
from typing import IO, TYPE_CHECKING, cast

import zstandard

from pipelines.errors import InputError
from pipelines.sources.found import Found

if TYPE_CHECKING:
    from collections.abc import Callable

_READ_BYTES = 1024 * 1024
_MEMORY_BYTES = 32 * 1024 * 1024
_DIGEST_BYTES = 16


def spooled(pipe: IO[bytes], name: str | None, progress: Callable[[int], None]) -> Found:
    """Read a pipe to its end.

    Args:
        pipe: What to read.
        name: What the source is called; by its content if left out.
        progress: Is told how many bytes there were so far.

    Raises:
        InputError: There is no pipe, or no room for what comes through it.
    """
    if pipe.isatty():
        raise InputError("Standard input is the terminal", remedy="Pipe something in: `zcat audit-*.gz | lorgnette ingest - --cluster NAME`.")
    kept = Spool()
    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    try:
        while data := pipe.read(_READ_BYTES):
            digest.update(data)
            kept.write(data)
            progress(kept.size_bytes)
        kept.rewind()
        if not kept.size_bytes:
            raise InputError("Nothing came through the pipe", where="standard input", remedy="See what the command before the pipe says.")
    except OSError as error:
        kept.close()
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        remedy = "Set TMPDIR to a folder with more room, or read files instead of a pipe."
        raise InputError(f"There is no room for what comes through the pipe: {error.strerror}", where=tempfile.gettempdir(), remedy=remedy) from error
    content = digest.hexdigest()
    return Found(f"stdin:{name or content}", kept.size_bytes, is_explicit=True, below=name or "", content=content, spooled=kept)


class Spool:
    """Bytes that are written once and then read from the start, any number of times."""

    def __init__(self) -> None:
        self.size_bytes = 0
        self._kept = cast("IO[bytes]", tempfile.SpooledTemporaryFile(_MEMORY_BYTES))  # noqa: SIM115 - closed by `close`
        # Logs shrink to a twentieth by the least effort, which costs a hundredth of what typing them does; what was compressed stays so.
        self._written = zstandard.ZstdCompressor(level=1, write_checksum=True).stream_writer(self._kept, closefd=False)
        self._read: zstandard.ZstdDecompressionReader | None = None

    def write(self, data: bytes) -> None:
        """Append bytes."""
        self.size_bytes += len(data)
        self._written.write(data)

    def rewind(self) -> None:
        """Read from the start next."""
        self._written.close()  # type: ignore[no-untyped-call]  # its stubs give no type
        self._kept.seek(0)
        self._read = zstandard.ZstdDecompressor().stream_reader(self._kept, read_across_frames=False, closefd=False)

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes; b"" at the end."""
        return b"" if self._read is None else self._read.read(size)

    def copy(self) -> IO[bytes]:
        """All of it in a file that can be read here and there; whoever takes it closes it."""
        copied = tempfile.TemporaryFile()  # noqa: SIM115 - handed on to the caller
        self.rewind()
        shutil.copyfileobj(self, copied, _READ_BYTES)
        copied.seek(0)
        return copied

    def close(self) -> None:
        """Forget the bytes."""
        self._kept.close()
