"""A lake behind fsspec, such as `s3://bucket/lake`: one PUT or one completed multipart upload per file.

Not here: the local disk (`local`), what both have in common (`storage`), and what the files mean (`lake`).
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any, cast

from pipelines.lake.storage import Listed
from pipelines.stores import connected, explained

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb
    from pyarrow.fs import FileSystem


class ObjectStorage:
    """A prefix of any fsspec file system, such as `s3://bucket/lake`."""

    # Each would be a request, and one request lists a thousand files.
    folders_at_once = 0

    def __init__(self, url: str, **options: object) -> None:
        self.fs, root = connected(url, options)
        self.root = root.rstrip("/")
        self.url = url.rstrip("/")

    def listing(self, folder: str) -> Iterator[Listed]:
        """All objects below a prefix, by one paged listing."""
        self.fs.invalidate_cache()
        with explained(f"{self.url}/{folder}"):
            found = self.fs.find(f"{self.root}/{folder}".rstrip("/"), detail=True)
        for path, info in found.items():
            yield self._listed(path, info)

    def children(self, folder: str) -> list[str]:
        """The names directly below a prefix, sorted."""
        self.fs.invalidate_cache()
        try:
            with explained(f"{self.url}/{folder}"):
                entries = self.fs.ls(f"{self.root}/{folder}".rstrip("/"), detail=False)
        except FileNotFoundError:
            return []
        return sorted(str(entry).rstrip("/").rpartition("/")[2] for entry in entries)

    def stat(self, path: str) -> Listed:
        """One object, by its head."""
        self.fs.invalidate_cache()
        return self._listed(f"{self.root}/{path}", self.fs.info(f"{self.root}/{path}"))

    @contextmanager
    def writer(self, path: str) -> Iterator[IO[bytes]]:
        """One PUT, or one multipart upload that is completed at the end and aborted on an error."""
        target = f"{self.root}/{path}"
        with explained(f"{self.url}/{path}"):
            file = self.fs.open(target, "wb")
            try:
                yield cast("IO[bytes]", file)
            except BaseException:
                file.discard()
                file.closed = True
                raise
            file.close()

    def reader(self, path: str) -> IO[bytes]:
        """The object, opened."""
        return cast("IO[bytes]", self.fs.open(f"{self.root}/{path}", "rb"))

    def delete(self, path: str) -> None:
        """Remove an object."""
        with explained(f"{self.url}/{path}"):
            try:
                self.fs.rm_file(f"{self.root}/{path}")
            except FileNotFoundError:
                return

    def leftovers(self) -> Iterator[Listed]:
        """None: an upload that was not completed is no object."""
        yield from ()

    def native(self, path: str) -> str:
        """The URL with its scheme, which DuckDB hands to the registered file system."""
        return f"{self.url}/{path}"

    def arrow(self) -> tuple[FileSystem, str]:
        """The fsspec file system behind Arrow's interface."""
        from pyarrow.fs import FSSpecHandler, PyFileSystem

        return PyFileSystem(FSSpecHandler(self.fs)), self.root

    def register(self, con: duckdb.DuckDBPyConnection) -> None:
        """Register the fsspec file system; asynchronous reads through Python return short reads now and then, so there is one thread."""
        con.register_filesystem(self.fs)
        con.execute("set async_threads = 1")

    def _listed(self, path: str, info: dict[str, Any]) -> Listed:
        modified = info.get("LastModified") or info.get("created") or info.get("mtime")
        version = str(info.get("ETag") or modified or "").strip('"')
        seconds = modified.timestamp() if isinstance(modified, datetime) else float(modified or 0)
        return Listed(path.removeprefix(self.root).lstrip("/"), int(info.get("size") or 0), version, seconds)
