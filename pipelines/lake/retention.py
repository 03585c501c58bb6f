"""How long what is kept: which partitions are older than their zone allows, and their removal.

The ledger (`sources`) stays, since it says what is gone: what was computed from it is then frozen, not stale (`pipelines.refresh`).
Here: `expire`. Nothing here reads the wall clock. Not here: leftovers of dead writers (`Lake.clean`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from lake_schema import TABLES, Grain
from pipelines.errors import ConfigError
from pipelines.lake.layout import bucket_end

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from pipelines.lake.lake import Lake
    from pipelines.lake.layout import LakeFile

_LEDGER = "sources"


@dataclass(slots=True)
class Expired:
    """What retention took, or would take.

    Args:
        files: By table how many files.
        size_bytes: Bytes of all of them.
    """

    files: dict[str, int] = field(default_factory=dict)
    size_bytes: int = 0


def expire(lake: Lake, cluster: str, days_by_zone: Mapping[str, int], now: datetime, *, dry_run: bool = False) -> Expired:
    """Remove the partitions that ended more than a zone's days before `now`.

    Args:
        lake: The lake.
        cluster: The cluster.
        days_by_zone: Days by zone; a zone that is not named keeps everything.
        now: The moment that the days are counted back from.
        dry_run: Only say what would be removed.

    Raises:
        ConfigError: A derived zone would go before the raw one, and the next refresh would build it again.
        LorgnetteError: The lake cannot be written.
    """
    _refuse_sooner_than_raw(days_by_zone)
    expired = Expired()
    for file in _old(lake, cluster, {zone: now - timedelta(days=days) for zone, days in days_by_zone.items()}):
        expired.files[file.table] = expired.files.get(file.table, 0) + 1
        expired.size_bytes += file.size_bytes
        if not dry_run:
            lake.delete(file.path)
    return expired


def _old(lake: Lake, cluster: str, before_at: Mapping[str, datetime]) -> Iterator[LakeFile]:
    for table in TABLES.values():
        if table.name == _LEDGER or table.zone not in before_at:
            continue
        if table.grain is Grain.SOURCE:
            yield from _of_old_sources(lake, cluster, table.name, before_at[table.zone])
        else:
            yield from (
                file
                for file in lake.files(table.name, cluster)
                if file.bucket_at and bucket_end(table.grain, file.bucket_at) <= before_at[table.zone]
            )


def _of_old_sources(lake: Lake, cluster: str, table: str, before_at: datetime) -> list[LakeFile]:
    """The files, one per source, of sources whose last row is old."""
    ledger = lake.read(_LEDGER, cluster, columns=["source_id", "last_at"]).to_pylist()
    old = {row["source_id"] for row in ledger if row["last_at"] is not None and row["last_at"] <= before_at}
    return [file for file in lake.files(table, cluster) if file.file_name.removesuffix(".parquet") in old]


def _refuse_sooner_than_raw(days_by_zone: Mapping[str, int]) -> None:
    raw = days_by_zone.get("raw")
    sooner = sorted(zone for zone, days in days_by_zone.items() if zone != "raw" and (raw is None or days < raw))
    if sooner:
        raise ConfigError(
            f"{', '.join(sooner)} would be removed before the raw tables, and the next refresh would build it again",
            where="retention_days",
            remedy="Keep raw tables no longer than what is computed from them.",
        )
