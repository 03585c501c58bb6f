"""Paths as people write them: `{cluster}`, dates such as `%Y/%m/%d`, and globs; and the globs that include and exclude files.

Here: `Pattern`, which says how far a path can be listed without a choice, which folders below lead to a match, and what date a match
has. Not here: listing (`local_files`, `remote_files`) and what dates mean for a span (`when`).
"""

from __future__ import annotations

import glob
import re
from functools import cached_property
from typing import TYPE_CHECKING

from pipelines.errors import ConfigError
from pipelines.sources.when import stretch

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipelines.sources.when import Stretch

_DIGITS = {"Y": 4, "m": 2, "d": 2, "H": 2}
_DIRECTIVE = re.compile(r"%([YmdH])")


class Pattern:
    """A path that may hold globs and, with `%Y` in it, dates.

    Args:
        path: The path, without the scheme of a URL.
    """

    def __init__(self, path: str) -> None:
        self._path = path.rstrip("/")
        self.is_folder = path.endswith("/")
        self.is_dated = "%Y" in path
        self.glob = _DIRECTIVE.sub(lambda found: "[0-9]" * _DIGITS[found[1]], self._path) if self.is_dated else self._path
        self.is_plain = not glob.has_magic(self.glob)
        parts = self.glob.split("/")
        self._depth = len(parts)
        self._fixed = next((number for number, part in enumerate(parts) if glob.has_magic(part)), len(parts))
        self.base = "/".join(parts[: self._fixed])

    @property
    def is_deep(self) -> bool:
        """Whether files at any depth may match."""
        return "**" in self.glob.split("/")

    def leads_on(self, folder: str) -> bool:
        """Whether a folder below the base is on the way to a match, or matches, so that all below it is meant."""
        if self.is_deep:
            return True
        depth = folder.count("/") + 1
        return bool(self._prefix(min(depth, self._depth)).fullmatch("/".join(folder.split("/")[: self._depth])))

    def matches(self, path: str) -> bool:
        """Whether a file matches, or lies below a folder that does."""
        whole = self._prefix(self._depth)
        return bool(whole.fullmatch(path if self.is_deep else "/".join(path.split("/")[: self._depth])))

    def dates(self, path: str) -> Stretch | None:
        """What the template says of when the records of a file, or below a folder, are from; None if it says nothing."""
        if not self.is_dated:
            return None
        parts = path.split("/")
        depths = [self._depth] if self.is_deep else range(min(len(parts), self._depth), self._fixed, -1)
        for depth in depths:
            if (found := self._prefix(depth).match(path if self.is_deep else "/".join(parts[:depth]))) is not None:
                given = found.groupdict()
                known = [int(given[key]) for key in _DIGITS if given.get(key)]
                return stretch(known) if known else None
        return None

    @cached_property
    def _prefixes(self) -> dict[int, re.Pattern[str]]:
        return {}

    def _prefix(self, depth: int) -> re.Pattern[str]:
        """What the first parts of a path must match."""
        if depth not in self._prefixes:
            pattern = self._path if self.is_dated else self.glob
            self._prefixes[depth] = re.compile(_translated("/".join(pattern.split("/")[:depth]), is_dated=self.is_dated))
        return self._prefixes[depth]


def _translated(pattern: str, *, is_dated: bool) -> str:
    """A glob as a regular expression, with a group for each part of a date."""
    if not is_dated:
        return _regex(pattern)
    seen: set[str] = set()
    pieces = []
    # Directives are set aside: what globs make of them is of no interest.
    for number, piece in enumerate(_DIRECTIVE.split(pattern)):
        if number % 2 == 0:
            pieces.append(piece)
        elif piece in seen:
            pieces.append(f"\0{piece}\0")
        else:
            seen.add(piece)
            pieces.append(f"\1{piece}\1")
    regex = _regex("".join(pieces)).replace("\\\0", "\0").replace("\\\1", "\1")
    regex = re.sub("\1(.)\1", lambda found: rf"(?P<{found[1]}>\d{{{_DIGITS[found[1]]}}})", regex)
    return re.sub("\0(.)\0", lambda found: rf"(?P={found[1]})", regex)


class NameFilter:
    """The globs that include and exclude files.

    A pattern without a slash is about the file's name wherever it is; one with a slash about the path below what was named.
    """

    def __init__(self, include: Iterable[str], exclude: Iterable[str]) -> None:
        self._include = _compiled(include)
        self._exclude = _compiled(exclude)

    def admits(self, below: str) -> bool:
        """Whether a file is wanted."""
        is_included = not self._include or any(pattern.match(below) for pattern in self._include)
        return is_included and not any(pattern.match(below) for pattern in self._exclude)


def _compiled(patterns: Iterable[str]) -> Sequence[re.Pattern[str]]:
    return [re.compile(_regex(pattern.removeprefix("/") if "/" in pattern else f"**/{pattern}")) for pattern in patterns]


def _regex(pattern: str) -> str:
    # With it comes asyncio: a twelfth of what an ingest loads, for globs only.
    from fsspec.utils import glob_translate

    try:
        return str(glob_translate(pattern))
    except ValueError as error:
        raise ConfigError(f"{pattern!r} is no glob", remedy="`**` stands for any folders, and must be a part of the path of its own.") from error
