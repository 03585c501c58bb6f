"""What is in a lake: the ledger, and per table how much there is and how much of it is out of date.

Here: gathering it. Not here: printing (`commands`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from lake_schema import TABLES
from pipelines.lake import is_committed_by_ledger
from pipelines.refresh import stale_partitions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.config import Settings
    from pipelines.lake import Lake

_INSTANT = pa.timestamp("us", tz="UTC")
_CLUSTERS = pa.schema(
    [
        ("cluster", pa.string()),
        ("sources", pa.int64()),
        ("lines", pa.int64()),
        ("kept", pa.int64()),
        ("filtered", pa.int64()),
        ("duplicates", pa.int64()),
        ("quarantined", pa.int64()),
        ("incomplete", pa.int64()),
        ("first_at", _INSTANT),
        ("watermark_at", _INSTANT),
    ]
)
_TABLES = pa.schema(
    [
        ("cluster", pa.string()),
        ("table", pa.string()),
        ("zone", pa.string()),
        ("partitions", pa.int64()),
        ("rows", pa.int64()),
        ("bytes", pa.int64()),
        ("stale", pa.int64()),
        ("frozen", pa.int64()),
    ]
)


def cluster_status(lake: Lake, clusters: Sequence[str]) -> pa.Table:
    """One row per cluster: the sums of its ledger."""
    rows = []
    for cluster in clusters:
        ledger = lake.read("sources", cluster).to_pylist()
        sums = {name: sum(row[name] for row in ledger) for name in ("lines", "kept", "filtered", "duplicates", "quarantined")}
        first_at = min((row["first_at"] for row in ledger if row["first_at"]), default=None)
        last_at = max((row["last_at"] for row in ledger if row["last_at"]), default=None)
        incomplete = sum(not row["is_complete"] for row in ledger)
        rows.append({"cluster": cluster, "sources": len(ledger), **sums, "incomplete": incomplete, "first_at": first_at, "watermark_at": last_at})
    return pa.Table.from_pylist(rows, _CLUSTERS)


def table_status(lake: Lake, clusters: Sequence[str], settings: Settings) -> pa.Table:
    """One row per cluster and table: files, rows, bytes, and partitions that are stale or frozen."""
    rows = []
    for cluster in clusters:
        stale = stale_partitions(lake, cluster, settings)
        for name, table in TABLES.items():
            files = lake.visible_files(name, cluster)
            footers = lake.footers(files)
            judged = stale.get(name)
            rows.append(
                {
                    "cluster": cluster,
                    "table": name,
                    "zone": table.zone,
                    "partitions": len({file.bucket_at for file in files}) if is_committed_by_ledger(table) else len(files),
                    "rows": sum(int(footer.get("rows", 0)) for footer in footers.values()),
                    "bytes": sum(file.size_bytes for file in files),
                    "stale": judged.built if judged else None,
                    "frozen": judged.frozen if judged else None,
                }
            )
    return pa.Table.from_pylist(rows, _TABLES)
