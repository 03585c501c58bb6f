"""What the code location holds follows from the schema and the SQL headers."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from lake_schema import TABLES
from pipelines.checks import checks
from pipelines.config import load as load_settings
from pipelines.orchestration.build import build_defs
from pipelines.orchestration.partitions import BACKFILL_POLICY
from pipelines.orchestration.specs import RAW_TABLES
from pipelines.sql_files import load
from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from dagster._core.definitions.assets.graph.asset_graph import AssetGraph


@pytest.fixture(scope="module")
def graph() -> AssetGraph:
    return build_defs().resolve_asset_graph()


def node(graph: AssetGraph, name: str) -> dg.AssetSpec:
    return graph.get(dg.AssetKey(name)).to_asset_spec()


def ancestors(table: str) -> set[str]:
    if table in RAW_TABLES:
        return set(RAW_TABLES)
    inputs = {each.table for each in load().inputs(table)}
    return inputs.union(*(ancestors(each) for each in inputs))


def test_the_code_location_loads_without_a_warning() -> None:
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", "import pipelines.definitions"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")


def test_every_table_is_an_asset_in_the_group_of_its_zone(graph: AssetGraph) -> None:
    groups = {key.to_user_string(): node(graph, key.to_user_string()).group_name for key in graph.get_all_asset_keys()}
    assert groups == {name: table.zone for name, table in TABLES.items()} | {"source_files": "logs", "live_snapshot": "logs", "report": "report"}


def test_a_derived_table_depends_on_what_its_sql_and_its_stages_read(graph: AssetGraph) -> None:
    parents = {name: {key.to_user_string() for key in graph.get(dg.AssetKey(name)).parent_keys} for name in load().tables()}
    assert parents == {name: {each.table for each in load().inputs(name)} for name in load().tables()}
    # `deliveries` reads Events and objects only by way of stages and other tables.
    assert {"hyper_events", "verdicts"} <= parents["deliveries"]
    assert "slo_daily" not in parents["deliveries"]


@pytest.mark.parametrize("name", TABLES)
def test_columns_are_described_as_in_the_schema(graph: AssetGraph, name: str) -> None:
    columns = node(graph, name).metadata["dagster/column_schema"].columns
    assert [(column.name, column.description, column.constraints.nullable) for column in columns] == [
        (column.name, column.description, column.nullable) for column in TABLES[name].columns
    ]


def test_all_steps_are_backfilled_alike_so_that_they_share_runs(graph: AssetGraph) -> None:
    policies = {graph.get(dg.AssetKey(name)).backfill_policy for name in TABLES}
    assert policies == {BACKFILL_POLICY}
    assert len({graph.get(dg.AssetKey(name)).partitions_def for name in TABLES}) == 1


@pytest.mark.parametrize("name", TABLES)
def test_a_check_reads_only_what_is_built_before_it_runs(name: str) -> None:
    for check in checks(name):
        assert set(check.inputs) - {"partitions"} <= {name} | ancestors(name), check.name


def test_a_change_of_the_sql_changes_the_code_version(graph: AssetGraph) -> None:
    versions = {name: node(graph, name).code_version for name in load().tables()}
    assert all(version and len(version) == 12 for version in versions.values())
    assert all(one != other for one, other in pairwise(sorted(str(version) for version in versions.values())))


def test_schedules_wait_for_a_person_and_only_harmless_sensors_run_at_once() -> None:
    repository = build_defs().get_repository_def()
    assert {each.name for each in repository.schedule_defs if each.default_status is dg.DefaultScheduleStatus.RUNNING} == set()
    assert {each.name for each in repository.sensor_defs if each.default_status is dg.DefaultSensorStatus.RUNNING} == {"clusters", "failed_runs"}


def test_the_operations_page_names_every_schedule_and_sensor() -> None:
    repository = build_defs().get_repository_def()
    page = (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8")
    for each in (*repository.schedule_defs, *repository.sensor_defs):
        assert f"| `{each.name}`" in page


def test_the_example_of_settings_is_understood() -> None:
    assert list(load_settings(REPOSITORY / "deploy" / "lorgnette.example.yaml").clusters) == ["prod-eu-1", "prod-us-1"]
