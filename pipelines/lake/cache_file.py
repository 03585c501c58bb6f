"""Caches of this user: SQLite files that may be deleted at any time.

Here: where they are, and opening one. Not here: what they hold (`footers`, `pipelines.ingest.known_files`).
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path


def cache_folder() -> Path:
    """Where caches of this user go: `$XDG_CACHE_HOME/lorgnette`, else `~/.cache/lorgnette`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lorgnette"


def opened_cache(path: Path, *statements: str) -> sqlite3.Connection | None:
    """A cache's database, made anew if it is damaged; None where no file can be kept.

    Args:
        path: Its file.
        statements: What makes its tables.
    """
    for _ in range(2):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            database = sqlite3.connect(path, isolation_level=None, timeout=2, check_same_thread=False)
            # What a crash loses here is read again from the files.
            database.execute("pragma synchronous = off")
            database.execute("pragma journal_mode = wal")
            for statement in statements:
                database.execute(statement)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                return None
            path.unlink(missing_ok=True)
        except OSError:
            return None
        else:
            return database
    return None
