"""Small SQL folders for tests of the engine: real tables of the schema, few columns that matter, the rest constant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from lake_schema import TABLES
from pipelines.sql_files import load

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.sql_files import SqlGraph

_BLANKS = {pa.string(): "''", pa.int64(): "0", pa.float64(): "0.0", pa.bool_(): "false", pa.list_(pa.string()): "[]::varchar[]"}


def select(table: str, source: str, **expressions: str) -> str:
    """A SELECT with all columns of a table: the given expressions, and constants for the others."""
    columns = [f'{expressions.get(c.name, "null" if c.nullable else _BLANKS.get(c.type, "null"))} as "{c.name}"' for c in TABLES[table].columns]
    columns += [f"{expressions[name]} as {name}" for name in ("_reach_at", "_is_open") if name in expressions]
    return f"select {', '.join(columns)} {source}"


def write(root: Path, name: str, inputs: str, text: str, zone: str = "timeline") -> None:
    """Write one SQL file with its header."""
    grain = "" if name.startswith("_") else f"-- grain: {TABLES[name].grain}\n"
    (root / zone).mkdir(parents=True, exist_ok=True)
    (root / zone / f"{name}.sql").write_text(f"-- A table.\n{grain}-- inputs: {inputs}\n{text}\n")


def graph(root: Path) -> SqlGraph:
    """The graph of a folder as it is now."""
    load.cache_clear()
    return load(root)


def small_flow(root: Path) -> SqlGraph:
    """Counts per hour, sums over the next two hours with open rows, and sums per day; two of them share a stage."""
    count = select(
        "coverage",
        "from _events, params group by all",
        cluster="params.cluster",
        bucket_at="date_trunc('hour', stage_at)",
        fact="'events'",
        rows_seen="count(*)",
    )
    write(root, "_events", "audit_events[0h, 0h]", "select * from audit_events")
    write(root, "coverage", "_events", count)
    ahead = select(
        "slo_hourly",
        "from coverage as own inner join coverage as later on later.bucket_at between own.bucket_at and own.bucket_at + interval 2 hour, params "
        "where own.bucket_at >= from_at and own.bucket_at < to_at group by all",
        cluster="own.cluster",
        bucket_at="own.bucket_at",
        total="sum(later.rows_seen)",
        pending="count(*) filter (later.bucket_at + interval 1 hour > watermark_at)",
        _reach_at="own.bucket_at + interval 2 hour",
        _is_open="bool_or(own.bucket_at + interval 3 hour > watermark_at)",
    )
    write(root, "slo_hourly", "coverage[0h, +2h]", ahead, "slo")
    day = select("slo_daily", "from slo_hourly group by all", cluster="cluster", bucket_at="date_trunc('day', bucket_at)", total="sum(total)")
    write(root, "slo_daily", "slo_hourly", day, "slo")
    return graph(root)
