"""Files of the local disk: a path, a folder with all below it, or a glob.

Here: `local_files`. Not here: stores (`remote_files`), and which of the files are wanted (`discover`).
"""

from __future__ import annotations

import glob
import os
import stat
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipelines.sources.found import Found
from pipelines.sources.templates import Pattern
from pipelines.sources.when import folder_dates

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

FolderId = tuple[int, int]


def local_files(path: str, apart: Collection[FolderId] = ()) -> Iterator[Found]:
    """All files that a path, a folder or a glob names, in the order of their names.

    Args:
        path: As the user writes it; a name with brackets is a name first and a glob second.
        apart: Folders that are not looked into, by `folder_id`.
    """
    expanded = os.path.abspath(os.path.expanduser(path))  # noqa: PTH100, PTH111 - a Path would resolve `..` otherwise than the shell
    if os.path.lexists(expanded):
        yield from _entry(expanded, _Named(os.path.dirname(expanded), apart), is_explicit=True)  # noqa: PTH120
        return
    pattern = Pattern(expanded)
    matches = [] if pattern.is_plain else sorted(glob.glob(pattern.glob, recursive=True))  # noqa: PTH207
    for match in matches:
        yield from _entry(match, _Named(pattern.base, apart, pattern), is_explicit=False)
    if not matches:
        yield Found(expanded, 0, is_explicit=True, problem="No such file or folder" if pattern.is_plain else "No file matches this pattern")


def folder_id(path: str) -> FolderId | None:
    """What tells a folder by whichever way it is reached; None if there is none."""
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return status.st_dev, status.st_ino


def version_of(status: os.stat_result) -> str:
    """What differs as soon as a file is written again, renamed over or touched."""
    return f"{status.st_dev}:{status.st_ino}:{status.st_size}:{status.st_mtime_ns}:{status.st_ctime_ns}"


def is_same_file(version: str, status: os.stat_result) -> bool:
    """Whether a version is of this file, though it may have grown since."""
    return version.startswith(f"{status.st_dev}:{status.st_ino}:")


@dataclass(frozen=True, slots=True)
class _Named:
    """What the user named: the folder that paths are told from, the folders to leave out, and the pattern if it is one."""

    base: str
    apart: Collection[FolderId]
    pattern: Pattern | None = None

    def below(self, path: str) -> str:
        return path.removeprefix(self.base).lstrip("/")

    def found(self, path: str, status: os.stat_result, *, is_explicit: bool) -> Found:
        below = self.below(path)
        return Found(
            path,
            status.st_size,
            is_explicit,
            below=below,
            version=version_of(status),
            modified_at=datetime.fromtimestamp(status.st_mtime, UTC),
            dated=(self.pattern.dates(path) if self.pattern else None) or folder_dates(below.split("/")[:-1]),
        )


def _entry(path: str, named: _Named, *, is_explicit: bool) -> Iterator[Found]:
    try:
        status = os.stat(path)  # noqa: PTH116
        if stat.S_ISDIR(status.st_mode):
            if (status.st_dev, status.st_ino) not in named.apart:
                yield from _folder(path, replace(named, base=path) if is_explicit else named)
        elif stat.S_ISREG(status.st_mode):
            yield named.found(path, status, is_explicit=is_explicit)
        elif is_explicit:
            yield Found(path, 0, is_explicit, problem="Not a regular file", remedy="Pipe it in: `lorgnette ingest - < FILE`.")
    except OSError as error:
        yield Found(path, 0, is_explicit, problem=error.strerror or str(error), below=named.below(path))


def _folder(path: str, named: _Named) -> Iterator[Found]:
    """Everything below a folder but hidden files; links to folders are followed once."""
    with os.scandir(path) as entries:
        names = sorted(entry.path for entry in entries if not entry.name.startswith("."))
    for name in names:
        if not (os.path.islink(name) and _leads_back(name)):  # noqa: PTH114
            yield from _entry(name, named, is_explicit=False)


def _leads_back(link: str) -> bool:
    target = os.path.realpath(link)
    return os.path.isdir(target) and f"{os.path.realpath(link.rpartition('/')[0])}/".startswith(f"{target}/")  # noqa: PTH112
