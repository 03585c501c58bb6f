"""The footers of the lake's files: reading them, and a cache that makes listing thousands of partitions cheap.

Here: `FooterCache`, a SQLite file per lake in the user's cache folder: that works for read-only lakes and for buckets, and keeps the
lake free of anything that could disagree with its files. An entry counts only for the very (path, size, version) that it was read
from, and the cache may be deleted at any time. Files of the ledger are cached whole, since every command reads all of them. Not here:
what the keys mean (`pipelines.refresh`).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.errors import LorgnetteError
from pipelines.lake.cache_file import cache_folder, opened_cache

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from pipelines.lake.layout import LakeFile
    from pipelines.lake.storage import Storage

PREFIX = "lorgnette."
LEDGER = "sources"
_READERS = 16
_ROWS = "rows_of_ledger"
# Raise it when entries of the cache take another form.
_CACHE_VERSION = 2
_TABLES = (
    "create table if not exists footers (path text primary key, tbl text, size integer, version text, footer text) without rowid",
    "create index if not exists by_table on footers (tbl)",
)


def encode_footer(footer: dict[str, str]) -> dict[str, str]:
    """The key-value metadata of a file: our prefix before each key, in sorted order so that bytes repeat."""
    return {PREFIX + key: footer[key] for key in sorted(footer)}


def read_footer(storage: Storage, path: str) -> dict[str, str]:
    """Our keys of one file's footer, without their prefix.

    Raises:
        FileNotFoundError: There is no such file.
        LorgnetteError: It is no Parquet file.
    """
    with storage.reader(path) as file:
        try:
            metadata = pq.read_metadata(file).metadata or {}
        except pa.ArrowInvalid as error:
            raise LorgnetteError(
                "A file of the lake is damaged",
                where=storage.native(path),
                remedy="Delete it, then run `lorgnette refresh`; raw files come back by `lorgnette ingest`.",
            ) from error
    return {key.decode().removeprefix(PREFIX): value.decode() for key, value in metadata.items() if key.startswith(PREFIX.encode())}


class FooterCache:
    """Footers by (path, size, version); in memory, and in a SQLite file where one can be had."""

    def __init__(self, storage: Storage, folder: Path | None = None) -> None:
        self._storage = storage
        self._known: dict[tuple[str, int, str], dict[str, str]] = {}
        self._loaded: set[str] = set()
        self._lock = threading.Lock()
        name = f"footers-{_CACHE_VERSION}-{hashlib.blake2b(storage.url.encode(), digest_size=8).hexdigest()}.sqlite"
        self._database = opened_cache((folder or cache_folder()) / name, *_TABLES)

    def get(self, files: Sequence[LakeFile]) -> dict[str, dict[str, str]]:
        """The footers of files by path; what is not known is read, several files at a time. Files that vanished are left out."""
        return {path: {key: value for key, value in entry.items() if key != _ROWS} for path, entry in self._entries(files).items()}

    def ledger(self, files: Sequence[LakeFile]) -> list[dict[str, Any]]:
        """The rows of files of the ledger, in the order of the files; instants are ISO 8601."""
        return [row for entry in self._entries(files).values() for row in json.loads(entry[_ROWS])]

    def put(self, footers: Iterable[tuple[LakeFile, dict[str, str]]]) -> None:
        """Remember footers that were just written; the ledger's files are read first."""
        self._put((file, footer) for file, footer in footers if file.table != LEDGER)

    def close(self) -> None:
        """Close the SQLite file."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _entries(self, files: Sequence[LakeFile]) -> dict[str, dict[str, str]]:
        for table in {file.table for file in files}:
            self._load(table)
        missing = [file for file in files if _key(file) not in self._known]
        if missing:
            with ThreadPoolExecutor(_READERS) as pool:
                found = dict(zip(missing, pool.map(self._read, missing), strict=True))
            self._put((file, footer) for file, footer in found.items() if footer is not None)
        return {file.path: self._known[_key(file)] for file in files if _key(file) in self._known}

    def _put(self, footers: Iterable[tuple[LakeFile, dict[str, str]]]) -> None:
        rows = []
        for file, footer in footers:
            self._known[_key(file)] = footer
            rows.append((file.path, file.table, file.size_bytes, file.version, json.dumps(footer)))
        with self._lock, contextlib.suppress(sqlite3.Error):  # A cache that cannot be written is only slower.
            if self._database is not None and rows:
                self._database.executemany("insert or replace into footers values (?, ?, ?, ?, ?)", rows)

    def _load(self, table: str) -> None:
        if table in self._loaded or self._database is None:
            return
        self._loaded.add(table)
        with contextlib.suppress(sqlite3.Error, ValueError):
            for path, size, version, footer in self._database.execute("select path, size, version, footer from footers where tbl = ?", (table,)):
                self._known.setdefault((path, size, version), json.loads(footer))

    def _read(self, file: LakeFile) -> dict[str, str] | None:
        try:
            footer = read_footer(self._storage, file.path)
            if file.table == LEDGER:
                with self._storage.reader(file.path) as opened:
                    rows = pq.ParquetFile(opened).read().to_pylist()
                footer[_ROWS] = json.dumps(rows, default=datetime.isoformat)
        except FileNotFoundError:
            return None
        return footer


def _key(file: LakeFile) -> tuple[str, int, str]:
    return file.path, file.size_bytes, file.version
