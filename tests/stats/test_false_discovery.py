"""Error clusters: the q values are Benjamini and Hochberg's over all that was compared, and chance alone makes no clusters."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import binom, false_discovery_control

from lake_schema.model import COUNT, INSTANT, TEXT
from pipelines.sql_files import folder

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

HOUR = datetime(2026, 11, 23, 7, tzinfo=UTC)
COUNTS = pa.schema(
    {
        "cluster": TEXT,
        "bucket_at": INSTANT,
        "kind": TEXT,
        "dimension": TEXT,
        "value": TEXT,
        "error_code": TEXT,
        "deliveries": COUNT,
        "distinct_deliveries": COUNT,
        "first_at": INSTANT,
        "last_at": INSTANT,
        "samples": pa.list_(pa.struct({"started_at": INSTANT, "uid": TEXT})),
    }
)


def clusters(con: duckdb.DuckDBPyConnection, nodes: Sequence[tuple[int, dict[str, int]]]) -> list[dict[str, Any]]:
    """The clusters of nodes given as (exposure, failures by code)."""
    rows = [
        {
            "cluster": "c",
            "bucket_at": HOUR,
            "kind": "pod_create",
            "dimension": "node",
            "value": f"n{i}",
            "error_code": code,
            "deliveries": count,
            "distinct_deliveries": count,
        }
        for i, (exposure, failures) in enumerate(nodes)
        for code, count in [(None, exposure), *failures.items()]
        if count
    ]
    con.register("given_rows", pa.Table.from_pylist(rows, schema=COUNTS))
    con.execute("create or replace temp table _error_counts as from given_rows").fetchall()
    query = (folder() / "tail" / "_error_clusters.sql").read_text()
    found: list[dict[str, Any]] = con.sql(f"select * from ({query}) where length = 'hour'").to_arrow_table().to_pylist()  # noqa: S608
    return found


node = st.integers(1, 40).flatmap(lambda n: st.tuples(st.just(n), st.fixed_dictionaries({"A": st.integers(0, n), "B": st.integers(0, n)})))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(nodes=st.lists(node, min_size=2, max_size=12))
def test_p_is_the_binomial_tail_and_q_is_adjusted_over_all_pairs(con: duckdb.DuckDBPyConnection, nodes: list[tuple[int, dict[str, int]]]) -> None:
    found = {(row["error_code"], row["value"]): row for row in clusters(con, nodes)}
    total = sum(exposure for exposure, _ in nodes)
    p_values = {}
    for code in ("A", "B"):
        failed = sum(failures[code] for _, failures in nodes)
        for i, (exposure, failures) in enumerate(nodes):
            rate = (failed - failures[code]) / (total - exposure) or 1 / (total - exposure + 2)
            if failed:
                p_values[code, f"n{i}"] = binom.sf(failures[code] - 1, exposure, rate)
    assert set(found) == {(code, f"n{i}") for i, (_, failures) in enumerate(nodes) for code in failures if failures[code]}
    adjusted = dict(zip(p_values, false_discovery_control(list(p_values.values())) if p_values else [], strict=True))
    for key, row in found.items():
        assert row["p_value"] == pytest.approx(p_values[key], rel=1e-9)
        assert row["q_value"] == pytest.approx(adjusted[key], rel=1e-9)


def test_one_rate_everywhere_makes_hardly_a_cluster_however_uneven_the_nodes(con: duckdb.DuckDBPyConnection) -> None:
    chance = random.Random(7)  # noqa: S311
    discoveries = 0
    for _ in range(20):
        exposures = [chance.choice([1, 1, 1, 5, 50, 400]) for _ in range(200)]
        nodes = [(n, {"A": sum(chance.random() < 0.02 for _ in range(n))}) for n in exposures]
        discoveries += any(row["q_value"] < 0.05 for row in clusters(con, nodes))
    assert discoveries <= 3


def test_a_bad_node_among_uneven_ones_is_found_and_alone(con: duckdb.DuckDBPyConnection) -> None:
    chance = random.Random(7)  # noqa: S311
    exposures = [chance.choice([5, 50, 400]) for _ in range(200)]
    nodes = [(n, {"A": sum(chance.random() < 0.02 for _ in range(n))}) for n in exposures]
    nodes[17] = (30, {"A": 12})
    assert [row["value"] for row in clusters(con, nodes) if row["q_value"] < 0.01] == ["n17"]
