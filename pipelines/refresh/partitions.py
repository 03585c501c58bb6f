"""What a cluster's lake holds, partition by partition, as far as staleness needs it.

Here: `Partitions`, a picture of the raw files and of the footers, kept up to date while a refresh writes. Not here: fingerprints
(`fingerprints`) and SQL (`batch`).
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from lake_schema import TABLES, Grain
from pipelines.lake import bucket_end, bucket_start, is_committed_by_ledger
from pipelines.lake.layout import parse_path
from pipelines.refresh.older import Columns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipelines.lake import Lake, LakeFile
    from pipelines.sql_files import SqlGraph

HOUR = timedelta(hours=1)
# A gap this long is no gap in one log but two logs; nobody wants empty partitions for all of it.
_LONGEST_GAP = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition of one table.

    Args:
        paths: Its files; several for raw tables.
        content: A digest of when and what it is; empty if it has no rows.
        footer: Its file's footer; empty for raw tables.
    """

    paths: tuple[str, ...]
    content: bytes
    footer: dict[str, str]


class Partitions:
    """All partitions of one cluster that the SQL files read or write."""

    def __init__(self, lake: Lake, cluster: str, graph: SqlGraph) -> None:
        ledger = lake.read("sources", cluster, columns=["last_at", "raw_files", "withdrawn_files"])
        self.cluster = cluster
        self.watermark_at: datetime | None = max((at for at in ledger["last_at"].to_pylist() if at is not None), default=None)
        committed = {path for paths in ledger["raw_files"].to_pylist() for path in paths}
        self._by_table: dict[str, dict[datetime, Partition]] = {}
        self._sorted: dict[str, list[datetime]] = {}
        self._gone: dict[str, set[datetime]] = {}
        self.raw_bytes: dict[datetime, int] = {}
        self.columns = Columns()
        self._graph = graph
        for table in TABLES.values():
            if is_committed_by_ledger(table):
                self._add_raw(table.name, lake.files(table.name, cluster), committed)
            elif table.name in graph.files:
                files = lake.files(table.name, cluster)
                footers = lake.footers(files)
                self._by_table[table.name] = {
                    file.bucket_at: _built(file, footers[file.path]) for file in files if file.bucket_at and file.path in footers
                }
        self.hours = _hours(committed)
        withdrawn = {path for paths in ledger["withdrawn_files"].to_pylist() for path in paths or ()}
        # Without a source that still holds them, and not by retention: what was built of them is to become empty.
        self._emptied_hours = sorted({*_hours(committed | withdrawn)} - {*self.hours}) if withdrawn else []

    def get(self, table: str, bucket_at: datetime) -> Partition | None:
        """A partition, if there is one."""
        return self._by_table.get(table, {}).get(bucket_at)

    def put(self, table: str, file: LakeFile, footer: dict[str, str]) -> None:
        """Note a partition that was just written."""
        if file.bucket_at is not None:
            self._by_table.setdefault(table, {})[file.bucket_at] = _built(file, footer)
            self._sorted.pop(table, None)

    def between(self, table: str, from_at: datetime, to_at: datetime) -> list[tuple[datetime, Partition]]:
        """The partitions that overlap `from_at` to `to_at` (exclusive), in order."""
        starts = self._sorted.get(table)
        known = self._by_table.get(table, {})
        if starts is None:
            starts = self._sorted[table] = sorted(known)
        first = bisect_left(starts, bucket_start(TABLES[table].grain, from_at))
        return [(start, known[start]) for start in starts[first : bisect_left(starts, to_at)]]

    def paths(self, table: str, from_at: datetime, to_at: datetime) -> list[str]:
        """The paths of all files that overlap `from_at` to `to_at` (exclusive), in order, without those that are known to be empty."""
        return [path for _, partition in self.between(table, from_at, to_at) if partition.content for path in partition.paths]

    def buckets(self, table: str) -> list[datetime]:
        """The starts of all partitions of a table that are there."""
        return sorted(self._by_table.get(table, {}))

    def considered(self, table: str, from_at: datetime | None, to_at: datetime | None) -> list[datetime]:
        """The partitions of a table from `from_at` to `to_at` (exclusive) that may have to be computed: those of its hours, and what was built of hours that were taken back."""
        grain, built = TABLES[table].grain, self._by_table.get(table, {})
        emptied = [bucket for bucket in considered(grain, self._emptied_hours, from_at, to_at) if bucket in built]
        return sorted({*considered(grain, self.hours, from_at, to_at), *emptied})

    def has_gone(self) -> bool:
        """Whether retention has removed any raw file that the ledger names."""
        return any(self._gone.values())

    def is_gone(self, table: str, bucket_at: datetime) -> bool:
        """Whether a partition was there, or could have been built, before retention removed what it is made of."""
        if bucket_at in self._gone.get(table, ()):
            return True
        if self.get(table, bucket_at) is not None or table not in self._graph.files:
            return False
        end = bucket_end(TABLES[table].grain, bucket_at)
        return any(self.gone_between(each.table, bucket_at, end) for each in self._graph.inputs(table))

    def gone_between(self, table: str, from_at: datetime, to_at: datetime) -> bool:
        """Whether a partition of a table in `from_at` to `to_at` (exclusive) is gone by retention."""
        if not self.has_gone():
            return False
        grain = TABLES[table].grain
        bucket_at = bucket_start(grain, from_at)
        while bucket_at < to_at:
            if self.is_gone(table, bucket_at):
                return True
            bucket_at = bucket_end(grain, bucket_at)
        return False

    def _add_raw(self, table: str, files: list[LakeFile], committed: set[str]) -> None:
        by_hour: dict[datetime, list[str]] = {}
        for file in files:
            if file.path in committed and file.bucket_at is not None:
                by_hour.setdefault(file.bucket_at, []).append(file.path)
                self.raw_bytes[file.bucket_at] = self.raw_bytes.get(file.bucket_at, 0) + file.size_bytes
        # A raw file's name holds the digest of what it was read from, so names alone tell a change.
        self._by_table[table] = {hour: Partition(tuple(paths), _digest(hour, *paths), {}) for hour, paths in by_hour.items()}
        present = {file.path for file in files}
        gone = (parse_path(path) for path in committed if path.startswith(f"{table}/") and path not in present)
        self._gone[table] = {parsed[2] for parsed in gone if parsed is not None and parsed[2] is not None}


def _built(file: LakeFile, footer: dict[str, str]) -> Partition:
    content = b"" if footer.get("rows") == "0" else _digest(file.bucket_at, footer.get("content", ""))
    return Partition((file.path,), content, footer)


def _digest(bucket_at: datetime | None, *parts: str) -> bytes:
    return hashlib.blake2b("\n".join((str(bucket_at), *parts)).encode(), digest_size=12).digest()


def _hours(raw_paths: Iterable[str]) -> list[datetime]:
    """Every hour from the one before the first raw hour to the last raw hour, but for gaps longer than a week."""
    found = (parse_path(path) for path in raw_paths)
    raw_hours = sorted({each[2] for each in found if each and each[2] is not None and is_committed_by_ledger(TABLES[each[0]])})
    hours: list[datetime] = []
    for hour in raw_hours:
        start = (
            hours[-1] + HOUR
            if hours and hour - hours[-1] <= _LONGEST_GAP
            else max(hour - HOUR, hours[-1] + HOUR if hours else datetime.min.replace(tzinfo=UTC))
        )
        hours.extend(start + index * HOUR for index in range(int((hour - start) / HOUR) + 1))
    return hours


def considered(grain: Grain, hours: list[datetime], from_at: datetime | None, to_at: datetime | None) -> list[datetime]:
    """The partitions of a grain that the hours from `from_at` to `to_at` (exclusive) touch."""
    within = [hour for hour in hours if (from_at is None or hour >= bucket_start(Grain.HOUR, from_at)) and (to_at is None or hour < to_at)]
    return list(dict.fromkeys(bucket_start(grain, hour) for hour in within))
