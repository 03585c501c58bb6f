"""What a lake needs of the place that it lies in: list, write whole, read, delete.

Here: the `Storage` protocol and `open_storage`. A write is seen whole or not at all. Not here: the two kinds of places
(`local`, `remote`) and what the files mean (`lake`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager

    import duckdb
    from pyarrow.fs import FileSystem


@dataclass(frozen=True, slots=True)
class Listed:
    """One file as a listing shows it.

    Args:
        path: Relative to the storage's root, with `/`.
        size_bytes: Its size.
        version: Modification time or ETag: what changes when the file is replaced.
        modified_s: When it was written, in seconds since 1970.
    """

    path: str
    size_bytes: int
    version: str
    modified_s: float


class Storage(Protocol):
    """What a lake needs of the place that it lies in."""

    url: str
    folders_at_once: int
    """How many folders are sooner listed one by one than all that there are."""

    def listing(self, folder: str) -> Iterable[Listed]:
        """All files below a folder, in no particular order; none if it does not exist. The very same list as before if nothing can have changed."""

    def children(self, folder: str) -> list[str]:
        """The names directly below a folder, sorted."""

    def stat(self, path: str) -> Listed:
        """One file. Raises FileNotFoundError."""

    def writer(self, path: str) -> AbstractContextManager[IO[bytes]]:
        """A binary file that takes the path's place when the block ends well, and vanishes otherwise."""

    def reader(self, path: str) -> IO[bytes]:
        """A seekable binary file."""

    def delete(self, path: str) -> None:
        """Remove a file; none is fine."""

    def leftovers(self) -> Iterator[Listed]:
        """Files that a writer left behind when it died."""

    def native(self, path: str) -> str:
        """The path as DuckDB reads it."""

    def arrow(self) -> tuple[FileSystem, str]:
        """The place as Arrow sees it: its file system, and the folder of the lake in it."""

    def register(self, con: duckdb.DuckDBPyConnection) -> None:
        """Let a DuckDB connection read `native` paths."""


def open_storage(url: str, *, keeps_listings: bool = False) -> Storage:
    """The storage of a lake's URL: a path or `file://...` is local, any other scheme is fsspec's."""
    from pipelines.lake.local import LocalStorage
    from pipelines.lake.remote import ObjectStorage

    if url.startswith("file://"):
        return LocalStorage(Path(url.removeprefix("file://")), keeps_listings=keeps_listings)
    return ObjectStorage(url) if "://" in url else LocalStorage(Path(url).expanduser(), keeps_listings=keeps_listings)
