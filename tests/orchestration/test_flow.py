"""One run over two days of two clusters: everything is there, checked and described, and the same as without Dagster."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from lake_schema import TABLES
from pipelines.checks import checks
from pipelines.ingest import ingest
from pipelines.lake import Lake
from pipelines.refresh import refresh, stale_partitions
from pipelines.sql_files import load
from tests.orchestration.conftest import partition
from tests.orchestration.logs import CLUSTERS, DAY_BEFORE, RECORDED

if TYPE_CHECKING:
    from pathlib import Path

    import dagster as dg

    from tests.orchestration.conftest import Flow

KEYS = {partition(cluster, day) for cluster in CLUSTERS for day in (DAY_BEFORE, RECORDED)}


def materialized(flow: Flow) -> dict[tuple[str, str], dg.AssetMaterialization]:
    events = [event.materialization for event in flow.result.get_asset_materialization_events()]
    return {(event.asset_key.to_user_string(), event.partition or ""): event for event in events}


def test_every_table_is_materialized_once_for_every_cluster_and_day(flow: Flow) -> None:
    assert flow.result.success
    assert set(materialized(flow)) == {(table, key) for table in TABLES for key in KEYS}
    assert len(flow.result.get_asset_materialization_events()) == len(TABLES) * len(KEYS)


def test_every_check_has_run_and_holds(flow: Flow) -> None:
    found = {(each.asset_key.to_user_string(), each.check_name): each.passed for each in flow.result.get_asset_check_evaluations()}
    assert found == {(table, check.name): True for table in TABLES for check in checks(table)}


def test_nothing_is_left_stale(flow: Flow) -> None:
    for cluster in CLUSTERS:
        stale = stale_partitions(flow.site.lake(), cluster, flow.site.settings)
        assert {name: table.built for name, table in stale.items() if table.built} == {}


@pytest.mark.parametrize("table", ["audit_events", "deliveries", "slo_daily"])
def test_row_counts_are_those_of_the_day(flow: Flow, table: str) -> None:
    instants = flow.site.lake().read(table, "east")[TABLES[table].instant].to_pylist()
    rows_of = Counter(instant.date() for instant in instants)
    counted = {day: materialized(flow)[table, partition("east", day)].metadata["dagster/row_count"].value for day in (DAY_BEFORE, RECORDED)}
    assert counted == {day: rows_of[day] for day in (DAY_BEFORE, RECORDED)}
    assert min(counted.values()) > 0  # type: ignore[type-var]


def test_a_delivery_partition_shows_states_errors_and_where_it_is(flow: Flow) -> None:
    metadata = materialized(flow)["deliveries", partition("east", DAY_BEFORE)].metadata
    rows = flow.site.lake().read("deliveries", "east").select(["started_at", "state"]).to_pylist()
    delivered = sum(row["started_at"].date() == DAY_BEFORE and row["state"] == "delivered" for row in rows)
    assert metadata["pod_create delivered"].value == delivered
    assert str(metadata["What became of the deliveries"].value).startswith("| kind | state | deliveries |")
    assert str(metadata["dagster/uri"].value).endswith("/deliveries/cluster=east/date=2026-11-22")


def test_success_rates_are_numbers_that_can_be_plotted(flow: Flow) -> None:
    metadata = materialized(flow)["slo_daily", partition("west", RECORDED)].metadata
    assert 0 <= float(str(metadata["pod_create wall success rate"].value)) <= 1
    assert "pod_create wall budget left" in metadata


def test_the_ledger_shows_the_account_of_its_files(flow: Flow) -> None:
    metadata = materialized(flow)["sources", partition("east", RECORDED)].metadata
    assert metadata["lines"].value == 2000
    assert "| audit-2026-11-23.log | audit_lines | 2000 |" in str(metadata["The account of the sources that touch this day, newest first"].value)


def test_the_lake_is_the_same_as_without_dagster(flow: Flow, tmp_path: Path) -> None:
    lake = Lake.open(tmp_path / "lake")
    ingest(lake, "east", [str(flow.site.folder / "logs" / "east")], flow.site.settings)
    refresh(lake, "east", settings=flow.site.settings)

    def contents(of: Lake) -> dict[str, str]:
        footers = [of.footers(of.files(table, "east")) for table in load().tables()]
        return {path: footer["content"] for each in footers for path, footer in each.items()}

    assert contents(flow.site.lake()) == contents(lake)
