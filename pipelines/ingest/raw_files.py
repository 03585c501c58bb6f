"""The raw files of one source while it is read: rows wait per table and hour until they are worth a row group.

Here: `RawFiles`. Nothing of it counts before the ledger names it. Not here: what the rows are (`engine`) and the ledger.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lake_schema import TABLES
from pipelines.ingest.rows import Rows, joined
from pipelines.ingest.text_views import texts_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.config import Ingest
    from pipelines.lake import Lake
    from pipelines.lake.writer import ParquetFileWriter

_HOUR_US = 3_600_000_000
_MAX_OPEN = 48
_MIB = 1024 * 1024

# Chosen by measuring real logs (docs/decisions): numbers that grow with the sort order as differences; random ids without a dictionary that
# would never repeat; versions of one object in one large page. More effort pays for long texts that resemble each other and for nothing else.
_GROWING = "DELTA_BINARY_PACKED"
_LENGTHS_APART = "DELTA_LENGTH_BYTE_ARRAY"
# Lengths apart from bodies save 0.2 % of the bytes, but Arrow then copies all bodies once more.
_AS_THEY_ARE = "PLAIN"
_NUMBERS = ("source_line", "resource_version", "stage_at", "partition_at", "observed_at", "received_at")
_BODIES = ("body", "request_body", "response_body")
_RANDOM = ("audit_id", "uid", "event_uid", "involved_uid")
_EFFORTS = {"body": 3, "request_uri": 3}
# A dictionary that outgrows this is given up, and then each value is written and compressed again.
_DICTIONARY_BYTES = 16 * _MIB
_WITH_STATISTICS = ("stage_at", "partition_at", "observed_at", "source_line", "resource", "verb", "kind", "involved_kind", "reason")


def _parquet_options(table: str) -> dict[str, Any]:
    names = TABLES[table].column_names
    encodings = dict.fromkeys((name for name in names if name in _NUMBERS), _GROWING)
    if table != "objects":
        # Sorted by uid, a dictionary holds each once.
        encodings |= dict.fromkeys((name for name in names if name in _RANDOM), _LENGTHS_APART)
    encodings |= dict.fromkeys((name for name in names if name in _BODIES), _AS_THEY_ARE)
    return {
        "compression_level": {_leaf(name): _EFFORTS.get(name, 1) for name in names},
        "data_page_size": 8 * _MIB,
        "dictionary_pagesize_limit": _DICTIONARY_BYTES,
        "column_encoding": encodings,
        "use_dictionary": [_leaf(name) for name in names if name not in encodings],
        "write_statistics": [name for name in names if name in _WITH_STATISTICS],
        "store_schema": False,
    }


def _leaf(name: str) -> str:
    return f"{name}.list.element" if name == "user_groups" else name


@dataclass(slots=True)
class _Partition:
    """The rows of one table and hour that wait, and the file that takes them."""

    table: str
    hour: int
    waiting: list[Rows] = field(default_factory=list)
    waiting_bytes: int = 0
    parts: int = 0
    stack: ExitStack | None = None
    writer: ParquetFileWriter | None = None


class RawFiles:
    """All raw files of one source.

    Args:
        lake: The lake.
        cluster: The cluster's name.
        source: The source's id.
        digest: The source's digest.
        limits: Sizes of row groups and of what waits.
    """

    def __init__(self, lake: Lake, cluster: str, source: str, digest: str, limits: Ingest) -> None:
        self._lake = lake
        self._constants = {"cluster": cluster, "source_id": source}
        self._cluster = cluster
        self._stem = f"{source}-{digest}"
        self._limits = limits
        self._partitions: dict[tuple[str, int], _Partition] = {}
        self.paths: list[str] = []

    def add(self, table: str, rows: Rows) -> None:
        """Take in rows of any hours; writes what is big enough."""
        columns = [name for name in TABLES[table].column_names if name not in self._constants]
        for hour, part in _by_hour(rows, TABLES[table].instant or ""):
            partition = self._partitions.setdefault((table, hour), _Partition(table, hour))
            held = part.select(columns).held()
            partition.waiting.append(held)
            partition.waiting_bytes += held.held_bytes
            if partition.waiting_bytes >= self._limits.row_group_bytes:
                self._flush(partition)
        while sum(each.waiting_bytes for each in self._partitions.values()) > self._limits.buffer_bytes:
            self._flush(max(self._partitions.values(), key=lambda each: each.waiting_bytes))

    def finish(self) -> list[str]:
        """Write what waits and put all files in their places; their paths, sorted."""
        for partition in self._partitions.values():
            self._flush(partition)
        for partition in self._partitions.values():
            self._close(partition)
        return sorted(self.paths)

    def discard(self) -> None:
        """Throw away the files that are being written and remove those that were."""
        for partition in self._partitions.values():
            if partition.stack is not None:
                error = _DiscardedError()
                partition.stack.__exit__(_DiscardedError, error, None)
                partition.stack = None
        for path in self.paths:
            self._lake.delete(path)
        self._partitions.clear()
        self.paths.clear()

    def _flush(self, partition: _Partition) -> None:
        if not partition.waiting:
            return
        table = TABLES[partition.table]
        rows = joined(partition.waiting)
        partition.waiting, partition.waiting_bytes = [], 0
        keys = {name: rows.column(name) for name in table.sort_key if name not in self._constants}
        places = rows.places[pc.sort_indices(pa.table(keys), [(name, "ascending") for name in keys]).to_numpy()]
        self._writer(partition).write_table(_in_order(rows.table, places, self._constants, _written_schema(partition.table)))

    def _writer(self, partition: _Partition) -> ParquetFileWriter:
        if partition.writer is None:
            opened = [each for each in self._partitions.values() if each.writer is not None]
            if len(opened) >= _MAX_OPEN:
                self._close(opened[0])
            partition.stack = ExitStack()
            partition.writer = partition.stack.enter_context(
                self._lake.writer(self._path(partition), _written_schema(partition.table), **_parquet_options(partition.table))
            )
        return partition.writer

    def _path(self, partition: _Partition) -> str:
        suffix = f"-{partition.parts}" if partition.parts else ""
        return self._lake.partition_path(
            partition.table, self._cluster, datetime.fromtimestamp(partition.hour * 3600, UTC), f"{self._stem}{suffix}.parquet"
        )

    def _close(self, partition: _Partition) -> None:
        if partition.stack is None:
            return
        path = self._path(partition)
        stack, partition.stack, partition.writer = partition.stack, None, None
        stack.close()
        self.paths.append(path)
        partition.parts += 1


class _DiscardedError(Exception):
    """Tells a writer that its file is not wanted."""


def _written_schema(table: str) -> pa.Schema:
    """The table's schema with bodies as views, which are written as any text."""
    schema = TABLES[table].arrow_schema()
    for name in _BODIES:
        if (at := schema.get_field_index(name)) >= 0:
            schema = schema.set(at, schema.field(at).with_type(pa.string_view()))
    return schema


def _in_order(rows: pa.Table, places: NDArray[np.int64], constants: dict[str, str], schema: pa.Schema) -> pa.Table:
    """The rows at these places; bodies are not copied."""
    bodies = [name for name in _BODIES if name in rows.column_names]
    taken = rows.drop_columns(bodies).take(pa.array(places))
    for name in bodies:
        taken = taken.append_column(name, texts_at(rows[name], places))
    for name, value in constants.items():
        taken = taken.append_column(name, pa.repeat(pa.scalar(value), len(places)))
    return taken.select(schema.names).cast(schema)


def _by_hour(rows: Rows, instant: str) -> list[tuple[int, Rows]]:
    """Rows by the hour (since 1970) of their instant, in the order of the hours."""
    if not len(rows):
        return []
    # Instants lie after 1970, so cutting off the fraction is rounding down.
    hours = pc.divide(rows.column(instant).cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()), _HOUR_US).to_numpy()
    return [(int(hour), rows.only(hours == hour)) for hour in np.unique(hours)]
