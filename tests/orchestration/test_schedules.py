"""What runs by the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from pipelines.ingest import ingest
from pipelines.orchestration.housekeeping import remove_expired
from pipelines.orchestration.resources import LakeResource
from pipelines.refresh import refresh
from tests.orchestration.conftest import FIRST_DAY, make_site
from tests.orchestration.logs import CLUSTERS, RECORDED, sample_lines, write_day
from tests.raw_rows import START, put_source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dagster._core.definitions.schedule_definition import ScheduleExecutionData

    from tests.orchestration.conftest import Site

DUE_AT = datetime(2026, 11, 23, 10, 10, tzinfo=UTC)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A site whose instance is on disk: a schedule opens its instance anew."""
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        yield make_site(tmp_path, instance)


def evaluated(site: Site, schedule: str, due_at: datetime = DUE_AT) -> ScheduleExecutionData:
    repository = site.defs.get_repository_def()
    resources = {"lake": LakeResource(config=str(site.config))}
    with dg.build_schedule_context(site.instance, due_at, resources, repository_def=repository) as context:
        return repository.get_schedule_def(schedule).evaluate_tick(context)


def tick(site: Site, schedule: str, due_at: datetime = DUE_AT) -> list[dg.RunRequest]:
    return list(evaluated(site, schedule, due_at).run_requests or [])


def test_each_hour_each_cluster_gets_one_run_over_today_and_the_days_that_look_into_it(site: Site) -> None:
    requests = tick(site, "hourly_refresh")
    assert [request.run_key for request in requests] == [f"{cluster}|2026-11-23T10" for cluster in CLUSTERS]
    assert [(request.tags["dagster/asset_partition_range_start"], request.tags["dagster/asset_partition_range_end"]) for request in requests] == [
        (f"{cluster}|2026-11-20", f"{cluster}|2026-11-23") for cluster in CLUSTERS
    ]


def test_the_hourly_run_does_not_reach_before_the_first_day(site: Site) -> None:
    (request, _) = tick(site, "hourly_refresh", datetime.fromisoformat(FIRST_DAY).replace(tzinfo=UTC) + timedelta(hours=1))
    assert request.tags["dagster/asset_partition_range_start"] == f"east|{FIRST_DAY}"


def test_a_new_cluster_gets_its_partitions_with_the_hourly_run(site: Site) -> None:
    site.config.write_text(site.config.read_text().replace("  west:", "  north:"))
    tick(site, "hourly_refresh")
    assert site.instance.get_dynamic_partitions("clusters") == ["east", "west", "north"]


def test_without_a_cluster_the_hourly_run_says_what_to_do(site: Site) -> None:
    site.config.write_text(f"lake: {site.folder}/lake\n")
    assert "list one under `clusters`" in str(evaluated(site, "hourly_refresh").skip_message)


def test_the_daily_report_is_written_under_its_day(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ingest(site.lake(), "east", [str(write_day(site.folder / "logs", "east", RECORDED, sample_lines(count=200)))], site.settings)
    refresh(site.lake(), "east", settings=site.settings)
    (request,) = tick(site, "daily_report")
    monkeypatch.chdir(tmp_path)
    result = site.defs.resolve_job_def("daily_report").execute_in_process(instance=site.instance, run_config=request.run_config)
    (event,) = result.get_asset_materialization_events()
    written = tmp_path / "reports" / "2026-11-23.html"
    assert event.materialization.metadata["report"].value == str(written)
    assert "east" in written.read_text(encoding="utf-8")


def test_retention_counts_back_from_when_it_was_due(site: Site) -> None:
    (request,) = tick(site, "nightly_retention")
    assert request.run_config["ops"]["remove_expired"]["config"]["now"] == DUE_AT.isoformat()


def test_retention_removes_only_if_days_are_set(site: Site) -> None:
    put_source(site.lake(), "east", "s", [START])

    def files_after(now: datetime) -> int:
        config = {"ops": {"remove_expired": {"config": {"now": now.isoformat()}}}}
        site.defs.resolve_job_def("retention").execute_in_process(instance=site.instance, run_config=config)
        return len(site.lake().files("audit_events", "east"))

    assert files_after(START + timedelta(days=1000)) == 1
    site.config.write_text(site.config.read_text() + "retention_days: 7\n")
    assert files_after(START + timedelta(days=7)) == 1
    assert files_after(START + timedelta(days=7, hours=1)) == 0


def test_retention_can_be_tried_without_removing(site: Site) -> None:
    write_day(site.folder / "logs", "east", RECORDED, sample_lines(0, 50))
    put_source(site.lake(), "east", "s", [START])
    site.config.write_text(site.config.read_text() + "retention_days: 1\n")

    @dg.job(resource_defs={"lake": LakeResource(config=str(site.config))})
    def trial() -> None:
        remove_expired()

    config = {"ops": {"remove_expired": {"config": {"now": "2027-01-01T00:00:00+00:00", "dry_run": True}}}}
    assert trial.execute_in_process(instance=site.instance, run_config=config).success
    assert len(site.lake().files("audit_events", "east")) == 1
