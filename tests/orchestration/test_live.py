"""A live cluster as Dagster reads it: on schedule, one run per cluster, with what became of each resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg
import pytest

from tests.orchestration.test_schedules import evaluated, site, tick  # noqa: F401 - a site whose instance is on disk
from tests.sources.live.api_server import PATHS, ApiServer
from tests.sources.live.conftest import fill

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.orchestration.conftest import Site


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with ApiServer() as started:
        fill(started)
        yield started


@pytest.fixture
def live_site(site: Site, server: ApiServer) -> Site:  # noqa: F811
    """A site whose cluster `east` is read live."""
    live = f"live: {{kubeconfig: {server.kubeconfig(site.folder)}, page_size: 2}}"
    site.config.write_text(site.config.read_text().replace("  east:", f"  east:\n    {live}"))
    return site


def run(site: Site, request: dg.RunRequest, *, raise_on_error: bool = True) -> dg.ExecuteInProcessResult:  # noqa: F811
    job = site.defs.resolve_job_def("snapshot")
    return job.execute_in_process(instance=site.instance, partition_key=request.partition_key, tags=request.tags, raise_on_error=raise_on_error)


def test_each_hour_each_live_cluster_gets_a_run_that_holds_up_no_refresh(live_site: Site) -> None:
    (request,) = tick(live_site, "hourly_snapshot")
    assert (request.partition_key, request.run_key, request.tags["lorgnette/live"]) == ("east", "east|2026-11-23T10", "east")
    assert "lorgnette/cluster" not in request.tags


def test_without_a_live_cluster_the_schedule_says_what_to_do(site: Site) -> None:  # noqa: F811
    assert "give one `live:" in str(evaluated(site, "hourly_snapshot").skip_message)


def test_a_snapshot_shows_what_became_of_each_resource(live_site: Site, server: ApiServer) -> None:
    server.forbidden = {PATHS["nodes"]}
    (request,) = tick(live_site, "hourly_snapshot")
    result = run(live_site, request)
    (event,) = result.get_asset_materialization_events()
    metadata = event.materialization.metadata
    assert (metadata["new_rows"].value, metadata["unchanged"].value, metadata["server"].value) == (12, 0, f"{server.url} v1.36.2")
    assert "| pods | 5 | 3 |" in str(metadata["resources"].value)
    (check,) = result.get_asset_check_evaluations()
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert 'resources: ["nodes"]' in str(check.metadata["problems"].value)
    assert live_site.lake().read("objects", "east").num_rows == 7


def test_a_cluster_that_is_not_live_is_an_error_at_once(live_site: Site) -> None:
    result = run(live_site, dg.RunRequest(partition_key="west"), raise_on_error=False)
    (failed,) = [event for event in result.all_events if event.is_step_failure]
    assert "not to be read live" in str(failed.step_failure_data.user_failure_data)
    assert not any(event.is_step_up_for_retry for event in result.all_events)
