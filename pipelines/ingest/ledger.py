"""The ledger: which source was read as what, and which raw files that commits.

Here: a source's id and digest, and its row in `sources`. Not here: the raw files themselves (`raw_files`).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from lake_schema import TABLES
from pipelines import sql_files
from pipelines.ingest.withdrawal import taken_back, without_rows
from pipelines.sources.archives import ARCHIVE, SEPARATOR

if TYPE_CHECKING:
    from pipelines.config import Settings
    from pipelines.lake import Lake
    from pipelines.sources import Shape

READER_VERSION = "5"
_ID_BYTES = 8


def source_id(cluster: str, uri: str) -> str:
    """The key of a source: a hash of (cluster, uri)."""
    return hashlib.blake2b(f"{cluster}\0{uri}".encode(), digest_size=_ID_BYTES).hexdigest()


def reader_fingerprint(settings: Settings, shape: Shape | None = None) -> bytes:
    """A digest of everything but the file that decides what rows come of it: this reader, its queries, the settings, the shape if one is forced."""
    digest = hashlib.blake2b(READER_VERSION.encode())
    if shape is not None:
        digest.update(shape.name.encode())
        digest.update(repr(sorted(shape.variables.items())).encode())
    for path in sorted((sql_files.folder() / "ingest").glob("*.sql")):
        digest.update(path.read_bytes())
    digest.update(settings.redaction.model_dump_json().encode())
    digest.update(settings.filters.model_dump_json().encode())
    digest.update(settings.ingest.model_dump_json(exclude={"threads"}).encode())
    return digest.digest()


def source_digest(content: str, reader: bytes) -> str:
    """The digest of a file's content and of how it is read."""
    return hashlib.blake2b(reader + content.encode(), digest_size=_ID_BYTES).hexdigest()


class Ledger:
    """The rows of `sources` of one cluster, as they were when the ingest began."""

    def __init__(self, lake: Lake, cluster: str) -> None:
        self._lake = lake
        self._cluster = cluster
        self._rows: dict[str, dict[str, Any]] = {row["source_id"]: row for row in lake.read("sources", cluster).to_pylist()}

    def row_as_read(self, source: str, digest: str) -> dict[str, Any] | None:
        """The row of a source, if it was read with this very digest."""
        row = self._rows.get(source)
        return row if row is not None and row["digest"] == digest else None

    def members(self, archive: str) -> list[dict[str, Any]]:
        """The rows of an archive's members."""
        # As a list: other sources may be committed meanwhile.
        rows = [row for row in list(self._rows.values()) if row["uri"].startswith(archive + SEPARATOR) and row["digest"]]
        return sorted(rows, key=lambda row: str(row["uri"]))

    def forget(self, row: dict[str, Any]) -> None:
        """Take a source's rows away, after which its raw files no longer count; then these and its quarantine. Its own row says what is taken back."""
        gone = without_rows(row)
        if gone["withdrawn_files"]:
            self._write(gone)
        else:
            del self._rows[row["source_id"]]
            self._lake.delete(self._path("sources", row))
        self._lake.delete(self._path("quarantine", row))
        for path in row["raw_files"]:
            self._lake.delete(path)

    def commit(self, row: dict[str, Any]) -> dict[str, Any] | None:
        """Write a source's row, which makes its raw files count; then remove what its former row had, which is given back."""
        former = self._rows.get(row["source_id"])
        self._write({**row, "withdrawn_files": taken_back(former, row["raw_files"])})
        for path in set(former["raw_files"] if former else ()) - set(row["raw_files"]):
            self._lake.delete(path)
        if former and former["shape"] == ARCHIVE != row["shape"]:
            for member in self.members(row["uri"]):
                self.forget(member)
        return former

    def _write(self, row: dict[str, Any]) -> None:
        schema = TABLES["sources"].arrow_schema()
        self._lake.write(self._path("sources", row), pa.Table.from_pylist([row], schema), schema)
        self._rows[row["source_id"]] = row

    def _path(self, table: str, row: dict[str, Any]) -> str:
        return self._lake.partition_path(table, self._cluster, None, f"{row['source_id']}.parquet")
