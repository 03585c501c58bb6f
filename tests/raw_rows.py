"""Raw files written by hand: a source of audit events, committed by its row of the ledger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from lake_schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipelines.lake import Lake

START = datetime(2026, 11, 23, 7, tzinfo=UTC)


def at(hours: float) -> datetime:
    """An instant some hours after the tests' start."""
    return START + timedelta(hours=hours)


def _row(table: str, **values: object) -> dict[str, Any]:
    """A row of a table: the given values, and the least that the schema allows for the others."""
    blanks: dict[pa.DataType, object] = {pa.string(): "", pa.int64(): 0, pa.bool_(): False, pa.list_(pa.string()): []}
    return {column.name: values.get(column.name, None if column.nullable else blanks.get(column.type)) for column in TABLES[table].columns}


def put_source(lake: Lake, cluster: str, source_id: str, instants: Iterable[datetime], digest: str = "d1") -> list[str]:
    """Commit one source with an audit event at each instant; returns the raw files' paths."""
    by_hour: dict[datetime, list[datetime]] = {}
    for instant in sorted(instants):
        by_hour.setdefault(instant.replace(minute=0, second=0, microsecond=0), []).append(instant)
    schema = TABLES["audit_events"].arrow_schema()
    paths = []
    line = 0
    for hour, of_hour in by_hour.items():
        rows = []
        for instant in of_hour:
            line += 1
            rows.append(_row("audit_events", cluster=cluster, source_id=source_id, source_line=line, stage_at=instant))
        paths.append(lake.partition_path("audit_events", cluster, hour, f"{source_id}-{digest}.parquet"))
        lake.write(paths[-1], pa.Table.from_pylist(rows, schema=schema), schema)
    put_ledger(lake, cluster, source_id, paths, digest, [instant for of_hour in by_hour.values() for instant in of_hour])
    return paths


def put_ledger(lake: Lake, cluster: str, source_id: str, paths: list[str], digest: str, instants: list[datetime]) -> None:
    """Write a source's row of the ledger."""
    row = _row("sources", cluster=cluster, source_id=source_id, uri=source_id, digest=digest, raw_files=paths, is_complete=True)
    row |= {"first_at": min(instants, default=None), "last_at": max(instants, default=None), "lines": len(instants), "kept": len(instants)}
    schema = TABLES["sources"].arrow_schema()
    lake.write(lake.partition_path("sources", cluster, None, f"{source_id}.parquet"), pa.Table.from_pylist([row], schema=schema), schema)
