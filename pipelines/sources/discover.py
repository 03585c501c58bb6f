"""From what the user names to files: paths, folders, globs and fsspec URLs.

Here: `discover` and `open_source`. Not here: what the files hold (`sniff`).
"""

from __future__ import annotations

import glob
import os
import stat
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, cast

import fsspec
from fsspec.core import url_to_fs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True, slots=True)
class Found:
    """A file that was named or lies below a folder that was.

    Args:
        uri: Absolute path or URL.
        size_bytes: Size as stored; 0 where it cannot be told.
        is_explicit: Whether the user named this very file.
        problem: Why it cannot be read, such as `No such file or directory`; None if it can.
    """

    uri: str
    size_bytes: int
    is_explicit: bool
    problem: str | None = None


def discover(paths: Sequence[str]) -> list[Found]:
    """All files that paths, folders (recursively) and globs name, each once, in the order of their names below each path."""
    found: dict[str, Found] = {}
    for path in paths:
        for each in _remote(path) if "://" in path else _local(path):
            found.setdefault(each.uri, each)
    return list(found.values())


def open_source(uri: str) -> IO[bytes]:
    """Open a file's stored bytes.

    Raises:
        OSError: It cannot be opened.
    """
    if "://" in uri:
        return cast("IO[bytes]", fsspec.open(uri, "rb").open())
    return open(uri, "rb")  # noqa: PTH123 - handed on to the caller


def _local(path: str) -> Iterator[Found]:
    expanded = os.path.abspath(os.path.expanduser(path))  # noqa: PTH100, PTH111 - a Path would resolve `..` otherwise than the shell
    if os.path.lexists(expanded):
        yield from _entry(expanded, is_explicit=True)
    elif matches := sorted(glob.glob(expanded, recursive=True)):  # noqa: PTH207
        for match in matches:
            yield from _entry(match, is_explicit=False)
    else:
        yield Found(expanded, 0, is_explicit=True, problem="No such file or folder" if not glob.has_magic(path) else "No file matches this pattern")


def _entry(path: str, *, is_explicit: bool) -> Iterator[Found]:
    try:
        status = os.stat(path)  # noqa: PTH116
        if stat.S_ISDIR(status.st_mode):
            yield from _folder(path)
        elif stat.S_ISREG(status.st_mode):
            yield Found(path, status.st_size, is_explicit)
        elif is_explicit:
            yield Found(path, 0, is_explicit, problem="Not a regular file")
    except OSError as error:
        yield Found(path, 0, is_explicit, problem=error.strerror or str(error))


def _folder(path: str) -> Iterator[Found]:
    """Everything below a folder but hidden files; links to folders are followed once."""
    with os.scandir(path) as entries:
        names = sorted(entry.path for entry in entries if not entry.name.startswith("."))
    for name in names:
        if not (os.path.islink(name) and _leads_back(name)):  # noqa: PTH114
            yield from _entry(name, is_explicit=False)


def _leads_back(link: str) -> bool:
    target = os.path.realpath(link)
    return os.path.isdir(target) and os.path.realpath(link.rpartition("/")[0]).startswith(target)  # noqa: PTH112


def _remote(url: str) -> Iterator[Found]:
    system, path = url_to_fs(url)
    try:
        if glob.has_magic(path):
            yield from _remote_files(system, system.glob(path, detail=True), "No file matches this pattern", url, is_explicit=False)
        elif system.isdir(path):
            yield from _remote_files(system, system.find(path, detail=True), "The folder is empty", url, is_explicit=False)
        else:
            yield from _remote_files(system, {path: system.info(path)}, "No such file", url, is_explicit=True)
    except OSError as error:
        yield Found(url, 0, is_explicit=True, problem=error.strerror or "No such file or folder")


def _remote_files(
    system: fsspec.AbstractFileSystem, listed: dict[str, dict[str, object]], otherwise: str, url: str, *, is_explicit: bool
) -> Iterator[Found]:
    files = {path: info for path, info in sorted(listed.items()) if info.get("type") == "file"}
    if not files:
        yield Found(url, 0, is_explicit=True, problem=otherwise)
    for path, info in files.items():
        yield Found(str(system.unstrip_protocol(path)), int(cast("int", info.get("size")) or 0), is_explicit)
