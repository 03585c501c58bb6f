"""A lake of a million deliveries over thirty days, drawn from the deliveries of a real one: what the workspace is measured on.

Each delivery of an hour is one of the real lake's, drawn at random with all its phases, verdicts, diagnoses and HyperEvents, laid into that hour
under a name and UID of its own on one of two hundred nodes: so phases have the real distributions and belong together. The tables of the SLO and
of percentiles are counted from what was drawn. The same lake and numbers give the same rows. Not here: the load (`bench.workspace_load`).

    python -m bench.big_lake LAKE OUT --deliveries 1000000 --days 30
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import duckdb

from lake_schema import TABLES
from lake_schema.model import COUNT, FLAG, INSTANT, TEXT, TEXTS
from pipelines.lake import Lake

if TYPE_CHECKING:
    from lake_schema import Table

CLUSTER = "big"
BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
_NODES = 200
_FACTS_EACH = 8
_OF_DELIVERIES = ("deliveries", "phases", "verdicts", "diagnoses", "hyper_events", "pods")
_MIX = "hash(concat_ws('|', {0}, $seed))"
# Alike for all rows of one delivery.
_OWN = {
    "cluster": f"'{CLUSTER}'",
    "uid": "case when uid is not null then own_uid end",
    "delivery_id": "own_id",
    "name": "name || '-' || place",
    "node": "case when node is not null then own_node end",
}
_PICKED = f"""
    select
        place, real_id, real_uid, real_at,
        md5(concat_ws('|', real_id, place, $seed)) as own_id,
        md5(concat_ws('|', real_uid, place, $seed)) as own_uid,
        'node-' || lpad(({_MIX.format("place, 'node'")} % {_NODES})::varchar, 3, '0') as own_node,
        to_microseconds(epoch_us($hour_at::timestamptz) + ({_MIX.format("place, 'at'")} % 3600000000)::bigint - epoch_us(real_at)) as shift,
    from (select range as place, {_MIX.format("range, 'which'")} % (select count(*) from real_ones) as chosen from range($rows))
    join real_ones on position = chosen
"""  # noqa: S608 - texts of ours
_SLO = """
    select
        cluster, date_trunc('{length}', delivery_started_at) as bucket_at, kind, objective, scope, scope_value,
        count(*) as total,
        count(*) filter (verdict = 'SUCCESS') as success,
        count(*) filter (verdict = 'FAIL') as fail,
        count(*) filter (verdict = 'KILL') as kill,
        count(*) filter (verdict = 'PENDING') as pending,
        count(*) filter (verdict = 'FAIL' and fault = 'platform') as fail_platform,
        count(*) filter (verdict = 'FAIL' and fault = 'capacity') as fail_capacity,
        count(*) filter (verdict = 'FAIL' and fault = 'user') as fail_user,
        success / nullif(success + fail, 0) as success_rate,
        success / nullif(success + fail - fail_user, 0) as platform_success_rate,
    from (
        select verdicts.*, unnest(['cluster', 'namespace']) as scope, unnest([verdicts.cluster, coalesce(namespace, '')]) as scope_value
        from verdicts
        join (select delivery_id, namespace from deliveries) using (delivery_id)
    )
    group by all
"""
_SAMPLES = """
    select
        cluster, date_trunc('hour', delivery_started_at) as bucket_at, kind, phase, unnest(['cluster', 'namespace', 'node']) as scope,
        unnest([cluster, namespace, node]) as scope_value, duration_s,
    from phases
    where status = 'ok'
"""
_STATS = f"""
    select
        cluster, bucket_at, kind, phase, scope, scope_value, count(*) as count, avg(duration_s) as avg_s, min(duration_s) as min_s,
        quantile_disc(duration_s, 0.5) as p50_s, quantile_disc(duration_s, 0.99) as p99_s, max(duration_s) as max_s,
    from ({_SAMPLES}) where scope_value is not null group by all
"""  # noqa: S608 - texts of ours
_SKETCH = f"""
    select
        cluster, bucket_at, kind, phase, scope, scope_value,
        case when duration_s > 0 then cast(ceil(ln(duration_s) / ln(1.01 / 0.99)) as bigint) else -1000000 end as bucket, count(*) as count,
    from ({_SAMPLES}) where scope_value is not null group by all
"""  # noqa: S608 - texts of ours
_COUNTED = {
    "slo_minutely": _SLO.format(length="minute"),
    "slo_hourly": _SLO.format(length="hour"),
    "phase_stats_hourly": _STATS,
    "phase_sketch_hourly": _SKETCH,
}


class _Maker:
    """Writes one hour after the other."""

    def __init__(self, source: Lake, out: Lake, seed: int) -> None:
        self._out, self._seed = out, seed
        self._con = duckdb.connect(config={"memory_limit": "1GB", "threads": 1})
        self._con.execute("set timezone = 'UTC'")
        for name in _OF_DELIVERIES:
            self._con.register("read", source.read(name))
            self._con.execute(f"create table real_{name} as from read")
        numbered = 'select rowid as row, row_number() over (partition by uid order by "at") as place from real_hyper_events'
        self._con.execute(f"delete from real_hyper_events where rowid in (select row from ({numbered}) where place > $most)", {"most": _FACTS_EACH})  # noqa: S608 - a text of ours
        self._con.execute(
            "create table real_ones as select row_number() over (order by delivery_id) - 1 as position, delivery_id as real_id, uid as real_uid, started_at as real_at from real_deliveries where uid is not null"
        )

    def hour(self, hour_at: datetime, rows: int) -> dict[str, int]:
        """Draw the deliveries of an hour and write its files; how many rows of each table."""
        self._con.execute(f"create or replace temp table picked as {_PICKED}", {"rows": rows, "hour_at": hour_at, "seed": f"{self._seed} {hour_at}"})
        written = {name: self._write(name, self._drawn(TABLES[name]), hour_at) for name in _OF_DELIVERIES}
        return written | {name: self._write(name, text, hour_at) for name, text in _COUNTED.items()}

    def _drawn(self, table: Table) -> str:
        """A table's rows of the drawn deliveries, moved into the hour."""
        on = "delivery_id = real_id" if "delivery_id" in table.column_names else "uid = real_uid"
        columns = [
            f'{_OWN[c.name]} as "{c.name}"'
            if c.name in _OWN and c.name in table.column_names
            else f'"{c.name}" + shift as "{c.name}"'
            if c.type == INSTANT
            else f'"{c.name}"'
            for c in table.columns
        ]
        return f"select {', '.join(columns)} from real_{table.name} join picked on {on}"  # noqa: S608 - names of lake_schema

    def _write(self, name: str, text: str, bucket_at: datetime) -> int:
        table = TABLES[name]
        self._con.execute(f"create or replace temp table {name} as {text}")
        there = {row[0] for row in self._con.execute(f"describe {name}").fetchall()}
        blanks = {COUNT: "0", TEXT: "''", FLAG: "false", TEXTS: "[]"}
        columns = [f'"{c.name}"' if c.name in there else f'{"null" if c.nullable else blanks.get(c.type, "0")} as "{c.name}"' for c in table.columns]
        rows = self._con.sql(table.duckdb_select(f"(select {', '.join(columns)} from {name})")).to_arrow_table()  # noqa: S608 - the same
        schema = table.arrow_schema()
        self._out.write(self._out.partition_path(name, CLUSTER, bucket_at), rows.cast(schema), schema, {"made": "bench"})
        return rows.num_rows


def make(source: Lake, out: Lake, deliveries: int, days: int, seed: int = 7) -> dict[str, int]:
    """Write the lake; how many rows of each table."""
    maker = _Maker(source, out, seed)
    hours = days * 24
    totals: dict[str, int] = {}
    for hour in range(hours):
        rows = deliveries * (hour + 1) // hours - deliveries * hour // hours
        for name, written in maker.hour(BEGIN + timedelta(hours=hour), rows).items():
            totals[name] = totals.get(name, 0) + written
        if hour % 24 == 23:  # noqa: PLR2004 - a day is done
            print(f"{BEGIN + timedelta(hours=hour):%Y-%m-%d}: {totals['deliveries']:,} deliveries, {totals['phases']:,} phases", flush=True)
    _commit(source, out, BEGIN + timedelta(hours=hours))
    return totals


def _commit(source: Lake, out: Lake, until_at: datetime) -> None:
    """The ledger, by which readers know the cluster, how far its log goes, and where a row was read."""
    import pyarrow as pa

    schema = TABLES["sources"].arrow_schema()
    told = {"cluster": CLUSTER, "raw_files": [], "first_at": BEGIN, "last_at": until_at - timedelta(seconds=1)}
    rows = [row | told for row in source.read("sources").to_pylist()]
    out.write(out.partition_path("sources", CLUSTER, None, "made.parquet"), pa.Table.from_pylist(rows, schema=schema), schema)


def main() -> None:
    """Make the lake as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lake")
    parser.add_argument("out")
    parser.add_argument("--deliveries", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=30)
    given = parser.parse_args()
    for name, rows in make(Lake.open(given.lake), Lake.open(given.out), given.deliveries, given.days).items():
        print(f"{name:20} {rows:>12,}")


if __name__ == "__main__":
    main()
