"""Opening what was found, each file for one reading from its start, and telling afterwards whether it stayed the same meanwhile.

Here: `opened` and `Opened`. What a file is to the ledger (`content`) is known as soon as it is open: a local file is read once for its
digest and again for its records, an object of a store has its ETag, what came through a pipe was kept. Not here: finding files
(`discover`), reading ahead (`blocks`), compression (`compression`).
"""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, NamedTuple, cast

from isal import isal_zlib

from pipelines.errors import SourceError
from pipelines.sources.local_files import is_same_file, version_of
from pipelines.sources.remote_files import refound
from pipelines.stores import explained

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipelines.sources.blocks import Blocks
    from pipelines.sources.compression import Readable
    from pipelines.sources.found import Found, Remote

_READ_BYTES = 1024 * 1024
_DIGEST_BYTES = 16
# A file may be written again within one tick of its file system's clock, unseen: what was just written is never taken for settled.
_SETTLED_NS = 10 * 1_000_000_000


class Content(NamedTuple):
    """What a file held when it was read: a digest that no other content has, a quick checksum, and how many bytes."""

    digest: str
    checksum: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that is open for one reading.

    Args:
        found: The file as it is now.
        file: Its bytes as stored, from the start.
        close: Lets go of it.
        content: What stands for its bytes: another content has another one.
        size_bytes: How many of its bytes that is about; what is appended later is not read.
        check: To be called when all that is wanted was read. It finds out whether that is what `content` stands for; what it gives waits
            for the answer.
        settled_version: The version that has this content for certain; "" if it may change without another version.
        is_replaced: Whether another file has its name than when it was listed, as after a rotation.
        is_inside: Whether it is a file in an archive, which is read forwards only and answers for all that it holds.
    """

    found: Found
    file: Readable
    close: Callable[[], None]
    content: str
    size_bytes: int
    check: Callable[[], Callable[[], bool]]
    settled_version: str = ""
    is_replaced: bool = False
    is_inside: bool = False

    def seekable(self) -> IO[bytes] | None:
        """The file once more, to be read here and there, as what says at its end what it holds wants it; None if it is in an archive.

        Who takes it closes it.

        Raises:
            OSError: It is gone.
            SourceError: The store refuses.
        """
        if self.is_inside:
            return None
        if self.found.spooled is not None:
            return self.found.spooled.copy()
        if self.found.remote is None:
            return open(self.found.uri, "rb")  # noqa: PTH123 - handed on to the caller
        system, path = self.found.remote
        with explained(self.found.uri, SourceError):
            return cast("IO[bytes]", system.open(path, "rb"))


def opened(found: Found, blocks: Blocks) -> Opened:
    """Open a file.

    Raises:
        OSError: It cannot be opened, or is gone.
        SourceError: The store refuses.
    """
    if found.spooled is not None:
        found.spooled.rewind()
        return Opened(found, found.spooled, lambda: None, found.content, found.size_bytes, lambda: lambda: True)
    return _local(found, blocks) if found.remote is None else _remote(found, found.remote, blocks)


def inside(found: Found, file: Readable) -> Opened:
    """A file in an archive that is being read."""
    return Opened(found, file, lambda: None, "", found.size_bytes, lambda: lambda: True, is_inside=True)


def _content(file: Readable, blocks: Blocks) -> Content:
    digest, checksum, size = hashlib.blake2b(digest_size=_DIGEST_BYTES), 0, 0
    while data := file.read(_READ_BYTES):
        if blocks.is_stopped:
            raise InterruptedError
        digest.update(data)
        checksum = isal_zlib.crc32(data, checksum)
        size += len(data)
    return Content(digest.hexdigest(), checksum, size)


def _local(found: Found, blocks: Blocks) -> Opened:
    file = open(found.uri, "rb")  # noqa: PTH123, SIM115 - handed on to the caller
    try:
        before = os.fstat(file.fileno())
        content = _content(file, blocks)
        after = os.fstat(file.fileno())
        file.seek(0)
    except BaseException:
        file.close()
        raise
    is_settled = version_of(before) == version_of(after) and time.time_ns() - max(after.st_mtime_ns, after.st_ctime_ns) > _SETTLED_NS
    checked = _Checked(file, content)
    return Opened(
        found,
        checked,
        file.close,
        content.digest,
        content.size_bytes,
        checked.check,
        version_of(after) if is_settled else "",
        not is_same_file(found.version, before),
    )


def _remote(found: Found, remote: Remote, blocks: Blocks) -> Opened:
    if not found.content:
        return _without_etag(found, remote, blocks)
    stream = blocks.stream(found, remote)

    def check() -> Callable[[], bool]:
        answer = blocks.submit(lambda: refound(found).version == found.version)
        return answer.result

    return Opened(found, stream, stream.close, found.content, found.size_bytes, check)


def _without_etag(found: Found, remote: Remote, blocks: Blocks) -> Opened:
    """Only its bytes tell what a file holds: they are fetched twice."""
    first = blocks.stream(found, remote)
    try:
        content = _content(first, blocks)
    finally:
        first.close()
    second = blocks.stream(found, remote)
    checked = _Checked(second, content)
    return Opened(found, checked, second.close, content.digest, content.size_bytes, checked.check)


class _Checked:
    """Gives the bytes of a file up to where they were read before, and tells whether they are the same."""

    def __init__(self, file: Readable, content: Content) -> None:
        self._file = file
        self._left = content.size_bytes
        self._wanted = content.checksum
        self._checksum = 0

    def read(self, size: int = -1, /) -> bytes:
        data = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        self._checksum = isal_zlib.crc32(data, self._checksum)
        return data

    def check(self) -> Callable[[], bool]:
        while self._left and self.read(_READ_BYTES):
            pass
        is_same = not self._left and self._checksum == self._wanted
        return lambda: is_same
