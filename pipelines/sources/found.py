"""What a listing tells of a file, and what is wanted of all files that there are.

Here: `Found`, `Span` and `Selection`. Not here: listing (`local_files`, `remote_files`), choosing (`discover`) and opening (`opening`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fsspec import AbstractFileSystem

    from pipelines.sources.piped import Spool
    from pipelines.sources.when import Stretch

ONE_DAY = timedelta(days=1)


class Remote(NamedTuple):
    """A file in a store: the store as fsspec sees it, and the path in it."""

    system: AbstractFileSystem
    path: str


@dataclass(frozen=True, slots=True)
class Found:
    """A file that was named, or that lies below a folder or matches a pattern that was.

    Args:
        uri: Absolute path or URL.
        size_bytes: Size as stored; 0 where it cannot be told.
        is_explicit: Whether the user named this very file.
        problem: Why it cannot be read, such as `No such file or directory`; None if it can.
        remedy: What to do about the problem, if something better than a guess can be said.
        below: The path below what was named; just the file's name if it was named itself.
        version: What differs as soon as the file was written again; "" if nothing tells.
        modified_at: When it was last written; None if nothing tells.
        dated: What its path tells of when its records are from; None if nothing.
        content: What stands for its bytes without reading them, such as the ETag of an object store or a digest; "" if nothing does.
        remote: Where it is in a store; None for local files.
        spooled: Its bytes, if they came through a pipe and cannot be opened again.
    """

    uri: str
    size_bytes: int
    is_explicit: bool
    problem: str | None = None
    remedy: str | None = None
    below: str = ""
    version: str = ""
    modified_at: datetime | None = None
    dated: Stretch | None = None
    content: str = ""
    remote: Remote | None = field(default=None, compare=False, repr=False)
    spooled: Spool | None = field(default=None, compare=False, repr=False)


class Span(NamedTuple):
    """A stretch of time, the end not in it; None is without a limit on that side."""

    from_at: datetime | None = None
    to_at: datetime | None = None

    @property
    def is_all(self) -> bool:
        """Whether it has no limit at all."""
        return self.from_at is None and self.to_at is None

    def starts_after(self, moment: datetime | None) -> bool:
        """Whether everything before a moment (the moment not in it) lies before the span."""
        return moment is not None and self.from_at is not None and moment <= self.from_at

    def ends_before(self, moment: datetime | None) -> bool:
        """Whether everything from a moment on lies after the span."""
        return moment is not None and self.to_at is not None and moment >= self.to_at

    def covers(self, first: datetime, last: datetime) -> bool:
        """Whether all of another stretch lies in it."""
        return (self.from_at is None or first >= self.from_at) and (self.to_at is None or last <= self.to_at)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which of the files that paths name are wanted, and how to get at them.

    Args:
        include: Globs; a file must match one of them, if there are any.
        exclude: Globs; a file must match none of them.
        span: Only files that may hold something of this stretch of time.
        lag: How far what lies in a dated folder may be from that date: shippers are late, and folders may be dated in local time.
        storage_options: What fsspec hands to the store's client, beside what that reads by itself.
        stdin_name: What standard input is called; by its content if left out.
    """

    include: Sequence[str] = ()
    exclude: Sequence[str] = ()
    span: Span = field(default_factory=Span)
    lag: timedelta = ONE_DAY
    storage_options: Mapping[str, Any] = field(default_factory=dict)
    stdin_name: str | None = None
