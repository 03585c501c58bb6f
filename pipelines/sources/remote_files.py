"""Files of a store behind a URL: one object, a prefix with all below it, or a pattern.

Here: `remote_files`, which lists no folder that cannot hold anything of the wanted span. Not here: the local disk (`local_files`), and
which of the files are wanted (`discover`).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pipelines.errors import SourceError
from pipelines.sources.found import Found, Remote
from pipelines.sources.templates import Pattern
from pipelines.sources.when import folder_dates, misses
from pipelines.stores import connected, explained

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fsspec import AbstractFileSystem

    from pipelines.sources.found import Selection
    from pipelines.sources.when import Stretch

# Folders listed side by side: a listing is nearly all waiting.
_LISTERS = 8
# Stores whose ETag changes with every write, so that it stands for the bytes.
_WITH_ETAGS = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "az"})
_TIMES = ("LastModified", "last_modified", "updated", "mtime", "modified", "created")


@dataclass(slots=True)
class Unlisted:
    """How many folders were not listed, since nothing of the wanted span can be in them."""

    folders: int = 0


def remote_files(url: str, selection: Selection, unlisted: Unlisted) -> Iterator[Found]:
    """All files that a URL names, in the order of their names.

    Args:
        url: Any fsspec URL; may hold globs, and dates as `%Y/%m/%d`.
        selection: The wanted span, and what the store's client is told.
        unlisted: Counts folders that were left out.
    """
    before = unlisted.folders
    try:
        system, path = connected(url, selection.storage_options, SourceError)
        listing = _Listing(system, Pattern(path + "/" if url.endswith("/") else path), selection, unlisted)
        with explained(url, SourceError):
            found = sorted(listing.files(), key=lambda info: str(info["name"]))
    except SourceError as error:
        yield Found(url, 0, is_explicit=True, problem=error.what, remedy=error.remedy)
    except OSError as error:
        yield Found(url, 0, is_explicit=True, problem=_text(error))
    else:
        if not found and unlisted.folders == before:
            yield Found(url, 0, is_explicit=True, problem="The folder is empty" if listing.pattern.is_plain else "No file matches this pattern")
        yield from (listing.found(info) for info in found)


def refound(found: Found) -> Found:
    """A file of a store as it is now.

    Raises:
        OSError: It is gone.
        SourceError: The store refuses.
    """
    if found.remote is None:
        return found
    system, path = found.remote
    with explained(found.uri, SourceError):
        info = system.info(path)
    return _found(system, info, found.uri, found.below, is_explicit=found.is_explicit)


class _Listing:
    """One listing of a store."""

    def __init__(self, system: AbstractFileSystem, pattern: Pattern, selection: Selection, unlisted: Unlisted) -> None:
        self.pattern = pattern
        self._system = system
        self._selection = selection
        self._unlisted = unlisted
        self._is_one = False

    def files(self) -> Iterable[dict[str, Any]]:
        """What a listing says of each file."""
        base = self.pattern.base
        if self.pattern.is_plain and not self.pattern.is_folder and "/" in base:
            info = self._system.info(base)
            if info["type"] == "file":
                self._is_one = True
                return [info]
        found = self._all_below(base) if self._is_flat else self._walked(base)
        return [info for info in found if self._is_file(info)]

    def found(self, info: dict[str, Any]) -> Found:
        """One of the files."""
        path = str(info["name"])
        below = path.rpartition("/")[2] if self._is_one else self._below(path)
        found = _found(self._system, info, str(self._system.unstrip_protocol(path)), below, is_explicit=self._is_one)
        return replace(found, dated=self.pattern.dates(path) or folder_dates(below.split("/")[:-1]))

    @property
    def _is_flat(self) -> bool:
        """Whether one listing of everything below the base is the least work: nothing could be left out of it."""
        return self._selection.span.is_all and (self.pattern.is_plain or self.pattern.is_deep)

    def _is_file(self, info: dict[str, Any]) -> bool:
        path = str(info["name"])
        is_hidden = any(part.startswith(".") for part in self._below(path).split("/"))
        # An object whose name ends in a slash stands for a folder.
        return info["type"] == "file" and not path.endswith("/") and not is_hidden and (self.pattern.is_plain or self.pattern.matches(path))

    def _walked(self, base: str) -> Iterator[dict[str, Any]]:
        """Files by one listing per folder, level by level; folders that lead nowhere are left out."""
        folders = [base]
        with ThreadPoolExecutor(_LISTERS, thread_name_prefix="listing") as pool:
            while folders:
                listed = list(zip(folders, pool.map(self._entries, folders), strict=True))
                folders = []
                for folder, entries in listed:
                    yield from (info for info in entries if info["type"] == "file")
                    below = (str(info["name"]).rstrip("/") for info in entries if info["type"] == "directory")
                    folders += [name for name in below if name != folder and self._is_worth_listing(name)]

    def _entries(self, folder: str) -> Iterable[dict[str, Any]]:
        """What is in a folder; everything below it at once, if all of that is wanted."""
        dated = self._dates(folder)
        if dated is not None and self._selection.span.covers(*dated) and not self.pattern.is_deep and self.pattern.matches(folder):
            return self._all_below(folder)
        try:
            return list(self._system.ls(folder, detail=True))
        except FileNotFoundError:  # Gone since the folder above was listed; or the bucket is not there.
            if folder == self.pattern.base:
                raise
            return []

    def _all_below(self, folder: str) -> Iterable[dict[str, Any]]:
        return list(self._system.find(folder, detail=True).values())

    def _is_worth_listing(self, folder: str) -> bool:
        if not (self.pattern.is_plain or self.pattern.leads_on(folder)):
            return False
        dated = self._dates(folder)
        if dated is not None and misses(dated, self._selection):
            self._unlisted.folders += 1
            return False
        return True

    def _dates(self, folder: str) -> Stretch | None:
        return self.pattern.dates(folder) or folder_dates(self._below(folder).split("/"))

    def _below(self, path: str) -> str:
        return path.removeprefix(self.pattern.base).lstrip("/")


def _found(system: AbstractFileSystem, info: dict[str, Any], uri: str, below: str, *, is_explicit: bool) -> Found:
    size = int(info.get("size") or 0)
    etag = str(info.get("ETag") or info.get("etag") or "").strip('"')
    modified_at = next((moment for name in _TIMES if (moment := _moment(info.get(name))) is not None), None)
    protocols = {system.protocol} if isinstance(system.protocol, str) else set(system.protocol)
    is_certain = bool(etag) and not etag.startswith("W/") and bool(protocols & _WITH_ETAGS)
    return Found(
        uri,
        size,
        is_explicit,
        below=below,
        version=f"{size}:{etag or (modified_at.isoformat() if modified_at else '')}",
        modified_at=modified_at,
        content=f"etag {etag} {size}" if is_certain else "",
        remote=Remote(system, str(info["name"])),
    )


def _moment(value: object) -> datetime | None:
    """A time as any of the file systems says it."""
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    if isinstance(value, str) and value:
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def _text(error: OSError) -> str:
    return "No such file or folder" if isinstance(error, FileNotFoundError) else error.strerror or str(error)
