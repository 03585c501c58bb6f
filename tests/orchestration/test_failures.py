"""What goes wrong is said in plain words, is not tried again in vain, and stops what would be wrong after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

from lake_schema import TABLES
from tests.orchestration.conftest import partition
from tests.orchestration.logs import RECORDED, sample_lines, write_day

if TYPE_CHECKING:
    from tests.orchestration.conftest import Site

KEY = partition("east", RECORDED)


def steps(result: dg.ExecuteInProcessResult, event_type: dg.DagsterEventType) -> list[str | None]:
    return [event.step_key for event in result.all_events if event.event_type is event_type]


def failure_text(result: dg.ExecuteInProcessResult) -> str:
    (event,) = [each for each in result.all_events if each.event_type is dg.DagsterEventType.STEP_FAILURE]
    data = event.step_failure_data.user_failure_data
    return str(data.description) if data else ""


def test_settings_that_are_wrong_end_the_run_at_once_and_say_what_to_do(site: Site) -> None:
    write_day(site.folder / "logs", "east", RECORDED, sample_lines(0, 50))
    site.config.write_text(site.config.read_text().replace("sources: [{", "sources: [{shape: telegram, ", 1))
    result = site.run(KEY, KEY, ["sources"], raise_on_error=False)
    assert "There is no shape `telegram`" in failure_text(result)
    assert "remedy: Use one of audit_lines" in failure_text(result)
    assert steps(result, dg.DagsterEventType.STEP_UP_FOR_RETRY) == []


def test_settings_that_cannot_be_read_end_the_run_at_once(site: Site) -> None:
    site.config.write_text("clusters: [")
    result = site.run(KEY, KEY, ["sources"], raise_on_error=False)
    assert "The settings are not YAML" in failure_text(result)
    assert steps(result, dg.DagsterEventType.STEP_UP_FOR_RETRY) == []


def test_lines_that_are_not_accounted_for_stop_everything_that_follows(site: Site) -> None:
    write_day(site.folder / "logs", "east", RECORDED, sample_lines(0, 50))
    assert site.run(KEY, KEY, ["sources", "audit_events"]).success
    lake = site.lake()
    (file,) = lake.files("sources", "east")
    ledger = lake.read("sources", "east")
    position = ledger.schema.get_field_index("lines")
    lake.write(file.path, ledger.set_column(position, ledger.schema.field("lines"), pc.add(ledger["lines"], 1)), TABLES["sources"].arrow_schema())

    result = site.run(KEY, KEY, ["sources", "audit_events", "coverage"], raise_on_error=False)
    (check,) = [each for each in result.get_asset_check_evaluations() if not each.passed]
    assert (check.check_name, check.description) == ("accounting", "1 rows in 1 of 1 partitions break it.")
    assert "| 51 |" in str(check.metadata["east 2026-11-23"].value)
    assert steps(result, dg.DagsterEventType.STEP_START) == ["ingest"]


def test_a_part_of_a_step_can_be_built_alone(site: Site) -> None:
    write_day(site.folder / "logs", "east", RECORDED, sample_lines(0, 200))
    assert site.run(KEY, KEY, ["sources", "audit_events", "k8s_events", "objects", "pods"]).success
    result = site.run(KEY, KEY, ["pods", "verdicts"])
    assert {each.asset_key.to_user_string() for each in result.get_asset_check_evaluations()} == {"pods", "verdicts"}
    assert site.lake().files("verdicts", "east") != []
    assert site.lake().files("deliveries", "east") == []


def test_a_day_without_any_log_is_materialized_with_no_rows(site: Site) -> None:
    write_day(site.folder / "logs", "east", RECORDED, sample_lines(0, 50))
    empty = partition("east", RECORDED.replace(day=17))
    result = site.run(empty, empty, ["audit_events", "pods"])
    assert [event.materialization.metadata["dagster/row_count"].value for event in result.get_asset_materialization_events()] == [0, 0]
    assert isinstance(site.lake().read("sources", "east"), pa.Table)
