"""A lake in a folder of the local disk: written aside, synced, renamed.

Not here: object stores (`remote`), what both have in common (`storage`), and what the files mean (`lake`).
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

from pipelines.errors import LorgnetteError
from pipelines.lake.running import is_dead, process_name
from pipelines.lake.storage import Listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import duckdb
    from pyarrow.fs import FileSystem

_ASIDE = ".aside"
_TRIES = 10
_TICK_NS = 3_000_000_000
_REMEDIES = {
    errno.ENOSPC: "Make room on the disk, then run the same command again: what was committed stays.",
    errno.EDQUOT: "Raise the quota or make room, then run the same command again: what was committed stays.",
    errno.EROFS: "Point --lake at a folder where you may write; reading commands work on a read-only lake.",
    errno.EACCES: "Point --lake at a folder where you may write, or change the folder's permissions.",
    errno.EPERM: "Point --lake at a folder where you may write, or change the folder's permissions.",
    errno.ENOTDIR: "Point --lake at a folder; a part of this path is a file.",
    errno.EISDIR: "Remove the folder that is in the file's place.",
    errno.ENAMETOOLONG: "Use a shorter name for the cluster.",
}


class _Folder(NamedTuple):
    """What is directly in a folder, and when that last changed."""

    changed_ns: int
    files: list[Listed]
    folders: list[str]


class _Whole(NamedTuple):
    """All files below a folder, and when each folder below it last changed."""

    changed_ns: dict[str, int]
    files: list[Listed]


class LocalStorage:
    """A folder of the local disk."""

    # Looking into a folder costs a few microseconds.
    folders_at_once = 100

    def __init__(self, root: Path, *, keeps_listings: bool = False) -> None:
        self.root = root.absolute()
        self.url = str(self.root)
        self._kept: dict[str, _Folder] | None = {} if keeps_listings else None
        self._whole: dict[str, _Whole] = {}

    def listing(self, folder: str) -> Iterable[Listed]:
        """All files below a folder, by one scan of each directory; writes under way are not shown."""
        known = self._whole.get(folder)
        if known is not None and _is_as_it_was(known):
            return known.files
        whole = _Whole({}, [])
        pending = [str(self.root / folder)]
        while pending:
            path = pending.pop()
            found = self._folder(path)
            whole.changed_ns[path] = found.changed_ns
            whole.files.extend(found.files)
            pending.extend(found.folders)
        if self._kept is not None and whole.changed_ns.keys() <= self._kept.keys():
            self._whole[folder] = whole
        return whole.files

    def _folder(self, path: str) -> _Folder:
        """What is directly in a folder; nothing if it does not exist."""
        try:
            changed_ns = 0 if self._kept is None else os.stat(path).st_mtime_ns  # noqa: PTH116 - thousands per listing
            if self._kept is not None and (kept := self._kept.get(path)) and kept.changed_ns == changed_ns:
                return kept
            found = self._scanned(path, changed_ns)
        except (FileNotFoundError, NotADirectoryError):
            return _Folder(0, [], [])
        # What changed a moment ago may change again within the same tick of the disk's clock.
        if self._kept is not None and changed_ns < time.time_ns() - _TICK_NS:
            self._kept[path] = found
        return found

    def _scanned(self, path: str, changed_ns: int) -> _Folder:
        prefix_length = len(self.url.rstrip("/")) + 1
        found = _Folder(changed_ns, [], [])
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.is_dir():
                    found.folders.append(entry.path)
                elif not entry.name.endswith(_ASIDE) and (listed := _listed(entry, prefix_length)):
                    found.files.append(listed)
        return found

    def children(self, folder: str) -> list[str]:
        """The names directly below a folder, sorted."""
        try:
            return sorted(path.name for path in (self.root / folder).iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return []

    def stat(self, path: str) -> Listed:
        """One file, by its metadata."""
        status = (self.root / path).stat()
        return Listed(path, status.st_size, str(status.st_mtime_ns), status.st_mtime)

    @contextmanager
    def writer(self, path: str) -> Iterator[IO[bytes]]:
        """Write aside in the same folder, sync, rename over the old file, sync the folder."""
        target = self.root / path
        # The host and process in the name let another run tell a dead writer's leftover from a write that goes on.
        aside = target.parent / f".{target.name}.{process_name()}{_ASIDE}"
        with _explained(target):
            try:
                with _new_file(aside) as file:
                    yield file
                    file.flush()
                    os.fsync(file.fileno())
                aside.replace(target)
            except BaseException:
                aside.unlink(missing_ok=True)
                raise
            _sync_folder(target.parent)

    def reader(self, path: str) -> IO[bytes]:
        """The file, opened."""
        return (self.root / path).open("rb")

    def delete(self, path: str) -> None:
        """Remove a file, and the folders that it leaves empty."""
        target = self.root / path
        with _explained(target):
            target.unlink(missing_ok=True)
        for parent in target.parents:
            if parent == self.root or not _removed_if_empty(parent):
                return

    def leftovers(self) -> Iterator[Listed]:
        """Asides of processes that no longer run on this host, and old ones of other hosts."""
        for folder, _, names in os.walk(self.root):
            for name in names:
                aside = self.stat(os.path.relpath(Path(folder, name), self.root)) if name.endswith(_ASIDE) else None
                if aside is not None and is_dead(name.removesuffix(_ASIDE), aside.modified_s):
                    yield aside

    def native(self, path: str) -> str:
        """An absolute path: DuckDB's own file system is faster and safer than a local fsspec one."""
        return f"{self.url}/{path}"

    def arrow(self) -> tuple[FileSystem, str]:
        """Arrow's own local file system."""
        from pyarrow.fs import LocalFileSystem

        return LocalFileSystem(), self.url

    def register(self, con: duckdb.DuckDBPyConnection) -> None:
        """DuckDB reads local files by itself."""


def _is_as_it_was(known: _Whole) -> bool:
    try:
        return all(os.stat(path).st_mtime_ns == changed_ns for path, changed_ns in known.changed_ns.items())  # noqa: PTH116 - thousands per listing
    except (FileNotFoundError, NotADirectoryError):
        return False


def _new_file(path: Path) -> IO[bytes]:
    """A new file, in a folder that another writer may remove as long as it is empty."""
    for _ in range(_TRIES):
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            return path.open("xb")
    return path.open("xb")


def _listed(entry: os.DirEntry[str], prefix_length: int) -> Listed | None:
    try:
        status = entry.stat()
    except FileNotFoundError:  # Removed since the directory was scanned.
        return None
    return Listed(entry.path[prefix_length:], status.st_size, str(status.st_mtime_ns), status.st_mtime)


@contextmanager
def _explained(where: object) -> Iterator[None]:
    """Turn a refusal of the disk into an error with a remedy; other errors pass."""
    try:
        yield
    except OSError as error:
        remedy = _REMEDIES.get(error.errno or 0)
        if remedy is None:
            raise
        raise LorgnetteError(f"The lake cannot be written: {error.strerror}", where=str(where), remedy=remedy) from error


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _removed_if_empty(folder: Path) -> bool:
    try:
        folder.rmdir()
    except OSError:
        return False
    return True
