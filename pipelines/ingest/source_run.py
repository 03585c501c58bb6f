"""One source from its first chunk to its row in the ledger.

Here: `SourceRun`, which takes typed chunks in the order of the file, leaves out repeats, numbers lines, keeps the account and commits.
Not here: reading and typing (`engine`), and doing that side by side (`flow`).
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lake_schema import TABLES
from pipelines.errors import AccountingError
from pipelines.ingest.engine import QUARANTINE_SCHEMA
from pipelines.ingest.ledger import source_id
from pipelines.ingest.raw_files import RawFiles
from pipelines.ingest.report import SourceReport
from pipelines.ingest.seen import SeenKeys
from pipelines.sources.servers import server_of

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    from pipelines.config import Settings
    from pipelines.ingest.engine import TypedChunk
    from pipelines.ingest.ledger import Ledger
    from pipelines.ingest.rows import Rows
    from pipelines.lake import Lake
    from pipelines.sources import Detected

# The user's own logs say nothing of how far the cluster's reach.
# What tells how far a source reaches: a feed of Events is written as they are seen, long after they first occurred.
_INSTANTS = {
    "audit_events": ("stage_at",),
    "k8s_events": ("partition_at", "observed_at", "last_at"),
    "objects": ("observed_at",),
    "custom_records": (),
}


# In text inside of JSON, quotes have backslashes.
_AUDIT_ID = r'"auditID\\*"\s*:\s*\\*"(?P<audit_id>[^"\\]+)'
_FAULT = "This is a fault of lorgnette: please report it with the lines around it."


class SourceRun:
    """One source that is being read.

    Args:
        lake: The lake.
        cluster: The cluster's name.
        uri: Where the source is.
        digest: The digest of its bytes and of how they are read.
        size_bytes: Its size as stored.
        detected: What it holds.
        settings: All settings.
    """

    def __init__(self, lake: Lake, cluster: str, uri: str, digest: str, size_bytes: int, detected: Detected, settings: Settings) -> None:
        self.uri = uri
        self.detected = detected
        self.problem: str | None = None
        self.is_failed = False
        self.is_shrunk = False
        self.raw_bytes = 0
        self.size_bytes = size_bytes
        self._lake = lake
        self._cluster = cluster
        self._source = source_id(cluster, uri)
        self._digest = digest
        self._server = server_of(uri)
        self._marker = ExitStack()
        self._marker.enter_context(lake.ingesting(cluster))
        self._files = RawFiles(lake, cluster, source_id(cluster, uri), digest, settings.ingest)
        self._seen_records = SeenKeys()
        self._seen_versions = SeenKeys()
        self._seen_sightings = SeenKeys()
        self._counts = {"lines": 0, "kept": 0, "filtered": 0, "duplicates": 0, "quarantined": 0}
        self._quarantine: list[pa.Table] = []
        self._first_at: datetime | None = None
        self._last_at: datetime | None = None

    @property
    def lines(self) -> int:
        """Lines taken in so far."""
        return self._counts["lines"]

    def expect(self, keys: NDArray[np.uint64]) -> None:
        """Take lines with these keys for repeats: other sources hold them."""
        self._seen_records.first(keys)

    def reaches(self, at: datetime) -> None:
        """Note that the source tells everything up to this instant, whether or not a row says so."""
        self._first_at, self._last_at = min(self._first_at or at, at), max(self._last_at or at, at)

    def add(self, typed: TypedChunk) -> None:
        """Take in the next chunk.

        Raises:
            AccountingError: Lines were lost or counted twice.
        """
        first_line = self._counts["lines"] + 1
        is_new = self._seen_records.first(typed.kept_keys)
        repeated = typed.kept_lines[~is_new]
        self._count(typed, len(repeated))
        if typed.filtered_until is not None:
            self._last_at = max(self._last_at or typed.filtered_until, typed.filtered_until)
        for name, rows in typed.tables.items():
            unique = rows.only(~np.isin(rows.column("line_no").to_numpy(), repeated)) if len(repeated) else rows
            if name == "objects":
                unique = self._first_sightings(unique)
            self._files.add(name, self._numbered(unique, name, first_line))
        if typed.quarantine.num_rows:
            self._quarantine.append(typed.quarantine.set_column(0, "line_no", pc.add(typed.quarantine["line_no"], first_line)))

    def commit(self, ledger: Ledger) -> SourceReport:
        """Put the files in their places and write the ledger's row."""
        paths = self._files.finish()
        quarantine = self._lake.partition_path("quarantine", self._cluster, None, f"{self._source}.parquet")
        if self._quarantine:
            self._lake.write(quarantine, self._quarantined(), TABLES["quarantine"].arrow_schema())
        former = ledger.commit(self._row(paths))
        self.is_shrunk = former is not None and former["last_at"] is not None and (self._last_at is None or self._last_at < former["last_at"])
        if not self._quarantine:
            self._lake.delete(quarantine)
        self._marker.close()
        return self._report()

    def discard(self) -> None:
        """Leave nothing behind."""
        self.is_failed = True
        self._files.discard()
        self._marker.close()

    def _count(self, typed: TypedChunk, duplicates: int) -> None:
        added = {
            "kept": len(typed.kept_lines) - duplicates,
            "filtered": typed.filtered,
            "duplicates": duplicates,
            "quarantined": typed.quarantine.num_rows,
        }
        if sum(added.values()) != typed.lines:
            what = f"{typed.lines} lines were read, but {added} add up to {sum(added.values())}"
            raise AccountingError(what, where=self.uri, remedy=_FAULT)
        if not np.array_equal(_met([rows.column("line_no").to_numpy() for rows in typed.tables.values()]), typed.kept_lines):
            raise AccountingError(f"Not each of {len(typed.kept_lines)} kept lines has its row", where=self.uri, remedy=_FAULT)
        for name, count in (("lines", typed.lines), *added.items()):
            self._counts[name] += count

    def _first_sightings(self, rows: Rows) -> Rows:
        """Each version once; but a write that was logged after a read of what it wrote is kept, for it tells when and by whom."""
        is_new_version = self._seen_versions.first(rows.column("version_key").to_numpy())
        is_new_sighting = self._seen_sightings.first(rows.column("sighting_key").to_numpy())
        return rows.only(np.where(rows.column("is_read").to_numpy(), is_new_version, is_new_sighting))

    def _numbered(self, rows: Rows, name: str, first_line: int) -> Rows:
        for instant in _INSTANTS[name]:
            ends = pc.min_max(rows.column(instant)).as_py()
            self._first_at = min((at for at in (self._first_at, ends["min"]) if at is not None), default=None)
            self._last_at = max((at for at in (self._last_at, ends["max"]) if at is not None), default=None)
        if name == "audit_events":
            # The path tells the server where the wrapper does not.
            rows = rows.with_column("server", pc.fill_null(rows.table["server"], self._server))
        return rows.with_column("source_line", pc.add(rows.table["line_no"], first_line))

    def _quarantined(self) -> pa.Table:
        rows = pa.concat_tables(self._quarantine).cast(QUARANTINE_SCHEMA).rename_columns(["line", "reason", "raw"])
        rows = rows.append_column("audit_id", pc.struct_field(pc.extract_regex(rows["raw"], _AUDIT_ID), "audit_id"))
        for name, value in (("cluster", self._cluster), ("source_id", self._source), ("uri", self.uri)):
            rows = rows.append_column(name, pa.repeat(pa.scalar(value), rows.num_rows))
        return rows.select(TABLES["quarantine"].column_names)

    def _row(self, paths: list[str]) -> dict[str, Any]:
        return {
            "cluster": self._cluster,
            "source_id": self._source,
            "uri": self.uri,
            "digest": self._digest,
            "shape": self.detected.shape.name,
            "bytes": self.size_bytes,
            "raw_bytes": self.raw_bytes,
            **self._counts,
            "is_complete": self.problem is None,
            "problem": self.problem,
            "first_at": self._first_at,
            "last_at": self._last_at,
            "raw_files": paths,
        }

    def _report(self) -> SourceReport:
        return report_of(self._row([]), is_unchanged=False)


def _met(places: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    """The places that any of these name, in ascending order; ten times as fast as sorting them."""
    is_met = np.zeros(max((int(each.max()) + 1 for each in places if len(each)), default=0), bool)
    for each in places:
        is_met[each] = True
    return np.flatnonzero(is_met)


def report_of(row: dict[str, Any], *, is_unchanged: bool) -> SourceReport:
    """A row of the ledger as a report."""
    names = ("uri", "source_id", "shape", "bytes", "raw_bytes", "lines", "kept", "filtered", "duplicates", "quarantined", "is_complete", "problem")
    return SourceReport(is_unchanged=is_unchanged, **{name: row[name] for name in names})
