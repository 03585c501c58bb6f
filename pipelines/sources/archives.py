"""Archives as the files in them: tar, whatever compresses it, as it streams by; and zip, which says at its end what it holds.

Told by their bytes and not by their names. Nothing is ever unpacked: a member's name is a label, wherever it points. Here: `archive_of` and
`outermost`. Not here: what the members hold (`sniff`) and their own compression (`compression`).
"""

from __future__ import annotations

import stat
import tarfile
import zipfile
import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator

    from pipelines.sources.compression import Decompressor, Readable

ARCHIVE = "archive"
SEPARATOR = "!/"
_ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06")
_TAR_MAGIC, _TAR_MAGIC_AT = b"ustar", 257
# What `tarfile` reads at a time, and copies for each small member.
_BLOCK_BYTES = 32 * 1024
# A long name or a few attributes; a header that claims more would be held in memory as a whole.
_MAX_HEADER_BYTES = 1024 * 1024
_DESCRIBING = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)
_IS_ENCRYPTED = 1


@dataclass(frozen=True, slots=True)
class Member:
    """One file in an archive; it must be read before the next one is asked for.

    Args:
        name: As the archive says it, with what no terminal should show escaped.
        size_bytes: As the archive says it.
        file: Its bytes; ends early rather than failing.
        problem: Why it cannot be read at all.
    """

    name: str
    size_bytes: int
    file: MemberFile
    problem: str | None = None


class Archive(Protocol):
    """The files of an archive, in its order.

    Attributes:
        problem: What was wrong with it as a whole, once all members are out; None if nothing was.
        stored_bytes: How much of the archive was read so far.
    """

    problem: str | None

    @property
    def stored_bytes(self) -> int:
        """How much of the archive was read so far."""
        ...

    def __iter__(self) -> Iterator[Member]:
        """Give the members; folders, links and devices are none."""
        ...


def archive_of(seekable: Callable[[], IO[bytes] | None], head: bytes, pieces: Decompressor, stream: Iterator[bytes]) -> Archive | None:
    """The archive that a file is; None if it is none.

    Args:
        seekable: Gives the file's bytes as stored once more, to be read here and there; or None, if they can only be read forwards.
        head: What came out of the stream so far.
        pieces: Undoes the compression of `stored`.
        stream: Its pieces that are still to come.
    """
    if head.startswith(_ZIP_MAGICS) and (stored := _starting(seekable, head[:4])) is not None:
        return _Zip(stored)
    if head[_TAR_MAGIC_AT:].startswith(_TAR_MAGIC):
        return _Tar(_Stream(head, stream), pieces)
    return None


def outermost(uri: str, files: Container[str]) -> str:
    """The file that a source is, or that it is a member of."""
    while uri not in files:
        uri = uri.rpartition(SEPARATOR)[0]
    return uri


def _starting(seekable: Callable[[], IO[bytes] | None], magic: bytes) -> IO[bytes] | None:
    """A file if it starts so as it is stored, and not only when it is decompressed."""
    stored = seekable()
    if stored is None or stored.read(len(magic)) == magic:
        return stored
    stored.close()
    return None


class MemberFile:
    """A member's bytes, which end where they cannot be read on; `problem` then says why."""

    def __init__(self, inner: Readable | None, size_bytes: int = 0) -> None:
        self._inner = inner
        self._left = size_bytes
        self.problem: str | None = None

    def read(self, size: int = -1, /) -> bytes:
        """Up to so many bytes, and none only at the end."""
        if self._inner is None or not self._left:
            return b""
        try:
            data = self._inner.read(min(size, self._left) if size >= 0 else self._left)
        except (tarfile.ReadError, zipfile.BadZipFile, zlib.error, EOFError) as error:
            data = b""
            self.problem = f"the archive is damaged here: {error}"
        if not data and self.problem is None:
            self.problem = "the archive ends early: it was cut"
        self._left = self._left - len(data) if data else 0
        return data

    def close(self) -> None:
        """Refuse to be read from now on: the archive has gone on."""
        self._inner = None


class _Stream:
    """Pieces as a file that can only be read forwards."""

    def __init__(self, head: bytes, stream: Iterator[bytes]) -> None:
        self._piece = memoryview(head)
        self._stream = stream

    def read(self, size: int = -1, /) -> bytes:
        """Up to so many bytes, and none only at the end."""
        if not self._piece:
            self._piece = memoryview(next(self._stream, b""))
        data, self._piece = self._piece[:size], self._piece[size:]
        return bytes(data)


class _DamagedError(Exception):
    """A header cannot be read, or is none; `tarfile` itself would take it for the end."""


class _Header(tarfile.TarInfo):
    """A member's header that says when it is damaged."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _Header:
        if not buf:
            what = "it has no end mark, so it may have been cut"
            raise _DamagedError(what)
        try:
            header = super().frombuf(buf, encoding, errors)
        except (tarfile.InvalidHeaderError, tarfile.TruncatedHeaderError) as error:  # type: ignore[attr-defined]  # its stubs lack them
            raise _DamagedError(str(error)) from error
        if header.type in _DESCRIBING and header.size > _MAX_HEADER_BYTES:
            what = f"a header of {header.size} bytes"
            raise _DamagedError(what)
        return header


class _Tar:
    def __init__(self, stream: _Stream, pieces: Decompressor) -> None:
        self._stream = stream
        self._pieces = pieces
        self.problem: str | None = None

    @property
    def stored_bytes(self) -> int:
        return self._pieces.stored_bytes

    def __iter__(self) -> Iterator[Member]:
        try:
            with tarfile.open(fileobj=self._stream, mode="r|", bufsize=_BLOCK_BYTES, tarinfo=_Header, errors="backslashreplace") as archive:  # type: ignore[call-overload]  # anything that reads will do
                yield from self._members(archive)
                self._read_rest(archive)
        except (tarfile.TarError, _DamagedError, EOFError) as error:
            self.problem = f"the archive is damaged or cut: {error}"
        self.problem = self._pieces.problem or self.problem

    @staticmethod
    def _members(archive: tarfile.TarFile) -> Iterator[Member]:
        while (header := archive.next()) is not None:
            # Else each header would be kept.
            archive.members = []  # type: ignore[attr-defined]  # its stubs lack it
            if not header.isfile():
                continue
            # Not by way of `extractfile`, which gives nothing of what was cut.
            inner = cast("Readable", archive.extractfile(header) if header.issparse() else archive.fileobj)
            file = MemberFile(inner, header.size)
            yield Member(_shown(header.name), header.size, file)
            file.close()

    def _read_rest(self, archive: tarfile.TarFile) -> None:
        while data := cast("Readable", archive.fileobj).read(_BLOCK_BYTES):
            if data.strip(b"\0"):
                self.problem = "bytes that are no member follow the archive's end mark"


class _Zip:
    def __init__(self, stored: IO[bytes]) -> None:
        self._stored = stored
        self.problem: str | None = None
        self.stored_bytes = 0

    def __iter__(self) -> Iterator[Member]:
        try:
            with self._stored, zipfile.ZipFile(self._stored) as archive:
                for entry in archive.infolist():
                    if not entry.is_dir() and not stat.S_ISLNK(entry.external_attr >> 16):
                        yield from self._member(archive, entry)
                    self.stored_bytes += entry.compress_size
        except (zipfile.BadZipFile, EOFError) as error:
            self.problem = f"the archive is damaged or cut: {error}"

    @staticmethod
    def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[Member]:
        name = _shown(entry.filename)
        if entry.flag_bits & _IS_ENCRYPTED:
            yield Member(name, entry.file_size, MemberFile(None), "it is encrypted")
            return
        try:
            opened = archive.open(entry)
        except NotImplementedError as error:
            yield Member(name, entry.file_size, MemberFile(None), f"its compression is not read: {error}")
        except zipfile.BadZipFile as error:
            yield Member(name, entry.file_size, MemberFile(None), f"the archive is damaged here: {error}")
        else:
            with opened:
                file = MemberFile(opened, entry.file_size)
                yield Member(name, entry.file_size, file)
                file.close()


def _shown(name: str) -> str:
    return "".join(each if each.isprintable() else each.encode("unicode_escape", "surrogatepass").decode() for each in name)
