"""Percentiles: the exact ones are nearest ranks, the sketch's are within 1 % of them, merged or not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import inf, nextafter
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lake_schema.model import FLAG, INSTANT, SECONDS, TEXT
from pipelines.sql_files import folder

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

HOUR = datetime(2026, 11, 23, 7, tzinfo=UTC)
PERCENTILES = {"p50_s": (500, 2), "p90_s": (900, 10), "p95_s": (950, 20), "p99_s": (990, 100), "p999_s": (999, 1000)}
SAMPLES = pa.schema(
    {
        "cluster": TEXT,
        "bucket_at": INSTANT,
        "kind": TEXT,
        "phase": TEXT,
        "namespace": TEXT,
        "node": TEXT,
        "workload": TEXT,
        "size_class": TEXT,
        "image": TEXT,
        "is_finished": FLAG,
        "duration_s": SECONDS,
    }
)
durations = st.floats(1e-6, 1e6)
quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def nearest_rank(values: Sequence[float], thousandths: int) -> float:
    return sorted(values)[-(-len(values) * thousandths // 1000) - 1]


def load_samples(con: duckdb.DuckDBPyConnection, hours: Sequence[Sequence[float]]) -> None:
    """One list of durations per hour."""
    rows = [
        {"cluster": "c", "bucket_at": HOUR + timedelta(hours=hour), "kind": "pod_create", "phase": "total", "is_finished": True, "duration_s": value}
        for hour, values in enumerate(hours)
        for value in values
    ]
    con.register("given_rows", pa.Table.from_pylist(rows, schema=SAMPLES))
    con.execute("create or replace temp table _phase_samples as from given_rows").fetchall()
    for name in ("phase_stats_hourly", "phase_sketch_hourly"):
        con.execute(f"create or replace temp table {name} as {(folder() / 'tail' / f'{name}.sql').read_text()}").fetchall()


@quick
@given(
    values=st.one_of(st.lists(durations, min_size=1, max_size=120), st.integers(900, 2100).map(lambda n: [float((i * 7919) % n) for i in range(n)]))
)
def test_exact_percentiles_are_nearest_ranks_and_null_below_enough_samples(con: duckdb.DuckDBPyConnection, values: list[float]) -> None:
    load_samples(con, [values])
    (row,) = con.sql("from phase_stats_hourly").to_arrow_table().to_pylist()
    expected = {name: nearest_rank(values, rank) if len(values) >= least else None for name, (rank, least) in PERCENTILES.items()}
    assert {name: row[name] for name in PERCENTILES} == expected
    assert (row["count"], row["min_s"], row["max_s"]) == (len(values), min(values), max(values))


@quick
@given(hours=st.lists(st.lists(durations, max_size=80), min_size=1, max_size=5).filter(any))
def test_sketches_of_several_hours_merge_within_one_percent(con: duckdb.DuckDBPyConnection, hours: list[list[float]]) -> None:
    load_samples(con, hours)
    together = [value for values in hours for value in values]
    query = """
        select sum(count), sketch_percentile(bucket, count, 0.5), sketch_percentile(bucket, count, 0.9), sketch_percentile(bucket, count, 0.95), sketch_percentile(bucket, count, 0.99)
        from phase_sketch_hourly
    """
    ((count, *found),) = con.execute(query).fetchall()
    assert count == len(together)
    for value, (rank, least) in zip(found, PERCENTILES.values(), strict=False):
        assert value == (pytest.approx(nearest_rank(together, rank), rel=0.01 + 1e-9) if len(together) >= least else None)


@quick
@given(
    value=st.one_of(
        durations, st.integers(-600, 600).map(lambda i: (1.01 / 0.99) ** i), st.integers(-600, 600).map(lambda i: nextafter((1.01 / 0.99) ** i, inf))
    )
)
def test_a_bucket_stands_for_what_it_holds_also_at_its_edges(con: duckdb.DuckDBPyConnection, value: float) -> None:
    load_samples(con, [[value]])
    ((found,),) = con.execute("select sketch_value(bucket) from phase_sketch_hourly").fetchall()
    assert found == pytest.approx(value, rel=0.01 + 1e-9)


def test_nothing_and_less_come_out_as_nothing(con: duckdb.DuckDBPyConnection) -> None:
    load_samples(con, [[0.0, -1.5, 0.0]])
    assert con.execute(
        "select bucket, count, sketch_value(bucket), sketch_percentile(bucket, count, 0.5) from phase_sketch_hourly group by all"
    ).fetchall() == [(-1_000_000, 3, 0.0, 0.0)]


def test_a_percentile_in_plain_sql_is_the_macros(con: duckdb.DuckDBPyConnection) -> None:
    """What the macros' file tells users of other engines to write."""
    load_samples(con, [[0.1 * i for i in range(1, 101)], [3.0] * 50])
    plain = """
        with summed as (select bucket, sum(count) as samples from phase_sketch_hourly group by bucket),
        running as (select bucket, sum(samples) over (order by bucket) as reached, sum(samples) over () as total from summed)
        select 2 * pow(1.01::double / 0.99, min(bucket)) / (1.01::double / 0.99 + 1) from running where reached >= ceil(total * 0.9)
    """
    assert con.execute(plain).fetchall() == con.execute("select sketch_percentile(bucket, count, 0.9) from phase_sketch_hourly").fetchall()
