"""Which content a local file had, by what its directory entry says: a file that did not change is not read again to find that out.

Here: `KnownFiles`, a SQLite file in the user's cache folder. An entry counts only for the very version (device, inode, size, time of
change to the nanosecond) that it was made from, and only files that had been left alone for a while are entered; so results never
depend on it, and it may be deleted at any time. Not here: the ledger, which knows what was read (`ledger`).
"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

from pipelines.lake.cache_file import cache_folder, opened_cache

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.sources import Found, Opened

# Raise it when entries take another form.
_CACHE_VERSION = 1
_MOST_ENTRIES = 500_000
_TABLE = "create table if not exists files (uri text primary key, version text, content text)"


class KnownFiles:
    """The content of files that were read before."""

    def __init__(self, folder: Path | None = None) -> None:
        self._database = opened_cache((folder or cache_folder()) / f"files-{_CACHE_VERSION}.sqlite", _TABLE)

    def content(self, found: Found) -> str:
        """What stands for a file's bytes; "" if it must be read to tell."""
        if found.content or found.remote is not None or self._database is None:
            return found.content
        with contextlib.suppress(sqlite3.Error):
            row = self._database.execute("select content from files where uri = ? and version = ?", (found.uri, found.version)).fetchone()
            return str(row[0]) if row else ""
        return ""

    def remember(self, opened: Opened) -> None:
        """Keep what a file was found to hold, if it cannot change without another version."""
        if not opened.settled_version or self._database is None:
            return
        with contextlib.suppress(sqlite3.Error):  # A cache that cannot be written is only slower.
            row = (opened.found.uri, opened.settled_version, opened.content)
            self._database.execute("insert or replace into files values (?, ?, ?)", row)

    def close(self) -> None:
        """Forget the oldest entries if there are too many, and close the file."""
        if self._database is None:
            return
        with contextlib.suppress(sqlite3.Error):
            self._database.execute("delete from files where rowid <= (select max(rowid) from files) - ?", (_MOST_ENTRIES,))
        self._database.close()
        self._database = None
