"""The lake: tables as files, on a local folder or behind any fsspec URL.

Here: `Lake`, which lists, reads, replaces and removes whole files. Not here: what is stale (`pipelines.refresh`), what a row means
(`lake_schema`) and how bytes are kept (`local`, `remote`).
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq

from lake_schema import TABLES, Grain, Table
from pipelines.errors import LorgnetteError
from pipelines.lake.footers import LEDGER, FooterCache
from pipelines.lake.layout import DATA_FILE, LakeFile, bucket_folders, parse_path, partition_path, table_folder
from pipelines.lake.running import marked, others
from pipelines.lake.storage import open_storage
from pipelines.lake.writer import ParquetFileWriter, row_groups

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    import duckdb
    from pyarrow.fs import FileSystem

    from pipelines.lake.storage import Listed, Storage

_LEFTOVER_S = 86_400


class Lake:
    """A lake at one URL. Cheap to open; nothing is made before the first write."""

    def __init__(self, storage: Storage, cache_folder: Path | None = None) -> None:
        self._storage = storage
        self._footers = FooterCache(storage, cache_folder)
        self._ingesting: set[str] = set()
        self._committed: dict[str, tuple[list[LakeFile], frozenset[str]]] = {}
        self._listed: dict[str, tuple[Iterable[Listed], list[LakeFile]]] = {}

    @classmethod
    def open(cls, url: str | Path, *, cache_folder: Path | None = None, keeps_listings: bool = False) -> Lake:
        """Open a lake.

        Args:
            url: A local path, or any fsspec URL such as `s3://bucket/lake`.
            cache_folder: Where footers are cached; the user's cache folder if left out.
            keeps_listings: Whether local folders are listed again only when they have changed, for who lists many times. What others
                write into a file in place, as this program never does, is not seen then.
        """
        return cls(open_storage(str(url), keeps_listings=keeps_listings), cache_folder)

    @property
    def url(self) -> str:
        """Where the lake is."""
        return self._storage.url

    def write(
        self, relative_path: str, data: pa.Table | Iterable[pa.RecordBatch], schema: pa.Schema, footer: dict[str, str] | None = None
    ) -> LakeFile:
        """Replace one file whole.

        Args:
            relative_path: Path inside the lake; see `partition_path`.
            data: The rows, in their order; cut into row groups of a fixed size.
            schema: The file's schema.
            footer: Keys of the footer without prefix; `rows` and `content` are added.

        Raises:
            LorgnetteError: The storage refuses (read-only, full, no permission).
        """
        with self.writer(relative_path, schema, footer) as writer:
            for table in row_groups(data, schema):
                writer.write_table(table)
        return writer.file or self.stat(relative_path)

    @contextmanager
    def writer(self, relative_path: str, schema: pa.Schema, footer: dict[str, str] | None = None, **options: Any) -> Iterator[ParquetFileWriter]:  # noqa: ANN401 - handed on to pyarrow
        """A writer of row groups: its file takes the path's place when the block ends well, and is discarded on an exception."""
        with self._storage.writer(relative_path) as file:
            writer = ParquetFileWriter(file, schema, footer, **options)
            try:
                yield writer
                written = writer.finish()
            except BaseException:
                writer.abandon()
                raise
        writer.file = self.stat(relative_path)
        self._footers.put([(writer.file, written)])

    def delete(self, relative_path: str) -> None:
        """Remove a file; if there is none, nothing happens."""
        self._storage.delete(relative_path)

    def stat(self, relative_path: str) -> LakeFile:
        """One file as it is now.

        Raises:
            FileNotFoundError: There is no such file.
            ValueError: The path belongs to no table.
        """
        file = _lake_file(self._storage.stat(relative_path))
        if file is None:
            message = f"{relative_path} is no path of a table's file"
            raise ValueError(message)
        return file

    def files(self, table: str, cluster: str | None = None, window: tuple[datetime, datetime] | None = None) -> list[LakeFile]:
        """All files of a table, committed or not, by path.

        Args:
            table: The table.
            cluster: Its cluster; all if None.
            window: Partitions that this stretch of time does not touch may be left out: looking only where it is, is what a small query can pay.
        """
        few = bucket_folders(TABLES[table], cluster, window, self._storage.folders_at_once) if window is not None and cluster is not None else None
        if few is not None:
            return _lake_files(listed for folder in few for listed in self._storage.listing(folder))
        folder = table_folder(table, cluster)
        listing = self._storage.listing(folder)
        known = self._listed.get(folder)
        if known is None or known[0] is not listing:
            known = (listing, _lake_files(listing))
            self._listed[folder] = known
        return known[1]

    def visible_files(self, table: str, cluster: str | None = None, window: tuple[datetime, datetime] | None = None) -> list[LakeFile]:
        """The files that a reader may see: committed ones of raw tables, all of the others; as `files`."""
        if not is_committed_by_ledger(TABLES[table]):
            return self.files(table, cluster, window)
        clusters = [cluster] if cluster is not None else self.clusters()
        return [file for each in clusters for file in self.committed_raw_files(table, each, window)]

    def committed_raw_files(self, table: str, cluster: str, window: tuple[datetime, datetime] | None = None) -> list[LakeFile]:
        """The raw files that the ledger names and that are still there, by path; as `files`."""
        committed = self.committed_paths(cluster)
        return [file for file in self.files(table, cluster, window) if file.path in committed]

    def committed_paths(self, cluster: str) -> frozenset[str]:
        """The paths of all raw files that the ledger of a cluster names, there or not."""
        files = self.files(LEDGER, cluster)
        known, paths = self._committed.get(cluster, (None, frozenset[str]()))
        if known != files:
            paths = frozenset(path for row in self._footers.ledger(files) for path in row["raw_files"])
            self._committed[cluster] = (files, paths)
        return paths

    def read(self, table: str, cluster: str | None = None, columns: Sequence[str] | None = None) -> pa.Table:
        """All rows of a table that a reader may see; meant for small tables and for tests.

        A file that is replaced between listing and reading is met once by reading again from a fresh listing.
        """
        try:
            return self._read(table, cluster, columns)
        except (FileNotFoundError, pa.ArrowInvalid):
            return self._read(table, cluster, columns)

    def arrow(self) -> tuple[FileSystem, str]:
        """The lake as Arrow sees it: its file system, and its folder in it."""
        return self._storage.arrow()

    def content(self, relative_path: str) -> bytes:
        """The bytes of one file, as it is at one moment.

        Raises:
            FileNotFoundError: There is no such file.
        """
        with self._storage.reader(relative_path) as file:
            return file.read()

    def partition_path(self, table: str | Table, cluster: str, bucket_at: datetime | None, file_name: str = DATA_FILE) -> str:
        """The path of a table's file in the partition that holds `bucket_at` (None for the grain `source`)."""
        return partition_path(TABLES[table] if isinstance(table, str) else table, cluster, bucket_at, file_name)

    def clusters(self) -> list[str]:
        """The clusters that the ledger knows."""
        return [unquote(name.removeprefix("cluster=")) for name in self._storage.children("sources") if name.startswith("cluster=")]

    def footer(self, relative_path: str) -> dict[str, str]:
        """Our keys of a file's footer, without their prefix.

        Raises:
            FileNotFoundError: There is no such file.
            LorgnetteError: It is no Parquet file.
        """
        return self.footers([self.stat(relative_path)])[relative_path]

    def footers(self, files: Sequence[LakeFile]) -> dict[str, dict[str, str]]:
        """The footers of many listed files, by path; cached by path, size and version. Files that vanished are left out."""
        return self._footers.get(files)

    def clean(self, cluster: str, *, dry_run: bool = False) -> list[str]:
        """Remove what dead writers left: asides, and raw files older than a day that the ledger does not name. Returns the paths."""
        committed = self.committed_paths(cluster)
        # Younger ones may belong to an ingest that is still running.
        before_s = time.time() - _LEFTOVER_S
        raw = [table for table in TABLES.values() if is_committed_by_ledger(table)]
        old = [
            f.path for t in raw for f in self._storage.listing(table_folder(t.name, cluster)) if f.path not in committed and f.modified_s < before_s
        ]
        removed = sorted([*old, *(file.path for file in self._storage.leftovers())])
        for path in () if dry_run else removed:
            self.delete(path)
        return removed

    @contextmanager
    def ingesting(self, cluster: str) -> Iterator[None]:
        """Say that raw files of a cluster are being written, after what killed processes left of it is cleared away; may be nested.

        Raises:
            LorgnetteError: The storage refuses.
        """
        if cluster in self._ingesting:
            yield
            return
        with marked(self._storage, cluster) as marker:
            if dead := others(self._storage, cluster, marker)[0]:
                self._clear(cluster, marker, [each.path for each in dead])
            self._ingesting.add(cluster)
            try:
                yield
            finally:
                self._ingesting.discard(cluster)

    def _clear(self, cluster: str, marker: str, dead: list[str]) -> None:
        """Remove what only dead processes can have written.

        The order matters: whoever has put a file there before it is listed is seen by its marker, or has committed before the ledger is read.
        """
        raw = [table.name for table in TABLES.values() if is_committed_by_ledger(table)]
        listed = [file.path for table in raw for file in self._storage.listing(table_folder(table, cluster))]
        asides = [file.path for file in self._storage.leftovers()]
        if others(self._storage, cluster, marker)[1]:
            return
        committed = self.committed_paths(cluster)
        for path in [*(path for path in listed if path not in committed), *asides, *dead]:
            self.delete(path)

    def native(self, relative_path: str) -> str:
        """The path or URL of a file as DuckDB, Polars and people write it."""
        return self._storage.native(relative_path)

    def attach(self, con: duckdb.DuckDBPyConnection) -> None:
        """Let a DuckDB connection read `native` paths of this lake."""
        self._storage.register(con)

    def close(self) -> None:
        """Close the footers' cache."""
        self._footers.close()

    def _read(self, table: str, cluster: str | None, columns: Sequence[str] | None) -> pa.Table:
        schema = TABLES[table].arrow_schema()
        wanted = list(columns) if columns is not None else schema.names
        wanted_schema = pa.schema([schema.field(name) for name in wanted])
        if table == LEDGER:
            return pa.Table.from_pylist([_typed(row, wanted_schema) for row in self._footers.ledger(self.files(LEDGER, cluster))], wanted_schema)
        tables = [_conformed(self._read_file(file.path, wanted), wanted_schema) for file in self.visible_files(table, cluster)]
        return pa.concat_tables(tables) if tables else wanted_schema.empty_table()

    def _read_file(self, path: str, columns: list[str]) -> pa.Table:
        with self._storage.reader(path) as file:
            # The plain file reader takes no partition columns from the path: `cluster` is a column of the file.
            return pq.ParquetFile(file).read(columns=columns)


def is_committed_by_ledger(table: Table) -> bool:
    """Whether only those files of a table count that `sources` names."""
    return table.zone == "raw" and table.grain is not Grain.SOURCE


def _conformed(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """Rows in the schema of today; a column that a file of an older version lacks is null."""
    absent = [field for field in schema if field.name not in rows.column_names]
    for field in absent:
        rows = rows.append_column(field, pa.nulls(rows.num_rows, field.type))
    return rows.select(schema.names).cast(schema)


def _typed(row: dict[str, Any], schema: pa.Schema) -> dict[str, Any]:
    """A row of the ledger as it was cached, with instants as such."""
    return {
        name: datetime.fromisoformat(row[name]) if row.get(name) is not None and pa.types.is_timestamp(schema.field(name).type) else row.get(name)
        for name in schema.names
    }


def _lake_files(listing: Iterable[Listed]) -> list[LakeFile]:
    return sorted((file for file in map(_lake_file, listing) if file is not None), key=attrgetter("path"))


@lru_cache(maxsize=100_000)
def _lake_file(listed: Listed) -> LakeFile | None:
    parsed = parse_path(listed.path)
    return None if parsed is None else LakeFile(listed.path, *parsed, listed.size_bytes, listed.version)


def open_existing(url: str | Path) -> Lake:
    """Open a lake that must hold something.

    Raises:
        LorgnetteError: There is no lake.
    """
    lake = Lake.open(url)
    if not lake.clusters():
        raise LorgnetteError(
            "There is no lake here yet",
            where=lake.url,
            remedy="Run `lorgnette ingest PATH... --cluster NAME --lake LAKE` first, or give the right --lake.",
        )
    return lake
