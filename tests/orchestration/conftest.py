"""Two clusters with two days of logs, and one run of the whole flow over them that many tests look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from pipelines.config import load
from pipelines.lake import Lake
from pipelines.orchestration.build import build_defs
from pipelines.orchestration.partitions import CLUSTERS_NAME, key
from pipelines.orchestration.resources import FIRST_DAY_VARIABLE, LakeResource
from tests.orchestration.logs import CLUSTERS, DAY_BEFORE, RECORDED, write_config, write_logs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from pipelines.config import Settings

FIRST_DAY = "2026-11-16"


@dataclass(frozen=True, slots=True)
class Site:
    """A folder with logs and settings, the definitions over it, and an instance that knows the clusters."""

    folder: Path
    config: Path
    defs: dg.Definitions
    instance: dg.DagsterInstance

    @property
    def settings(self) -> Settings:
        return load(self.config)

    def lake(self) -> Lake:
        return Lake.open(self.settings.lake)

    def run(self, first: str, last: str, assets: list[str] | None = None, *, raise_on_error: bool = True) -> dg.ExecuteInProcessResult:
        """Run the refresh job over a range of partitions."""
        tags = {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}
        selection = [dg.AssetKey(name) for name in assets] if assets else None
        job = self.defs.resolve_job_def("refresh")
        return job.execute_in_process(instance=self.instance, tags=tags, asset_selection=selection, raise_on_error=raise_on_error)


def make_site(folder: Path, instance: dg.DagsterInstance | None = None) -> Site:
    config = write_config(folder)
    instance = instance or dg.DagsterInstance.ephemeral(tempdir=str(folder))
    instance.add_dynamic_partitions(CLUSTERS_NAME, list(CLUSTERS))
    return Site(folder, config, build_defs(resource_overrides={"lake": LakeResource(config=str(config))}), instance)


def partition(cluster: str, day: date) -> str:
    return str(key(cluster, day))


@pytest.fixture(autouse=True)
def _first_day(monkeypatch: pytest.MonkeyPatch, _own_cache: None) -> None:
    monkeypatch.setenv(FIRST_DAY_VARIABLE, FIRST_DAY)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site of the test's own, with no log in it."""
    return make_site(tmp_path)


@dataclass(frozen=True, slots=True)
class Flow:
    """The site after one run over two days of two clusters, and that run."""

    site: Site
    result: dg.ExecuteInProcessResult


@pytest.fixture(scope="session")
def flow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flow]:
    """One run of the whole flow; tests must leave its lake as it is."""
    folder = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        environment.setenv(FIRST_DAY_VARIABLE, FIRST_DAY)
        site = make_site(folder)
        write_logs(folder / "logs")
        yield Flow(site, site.run(partition(CLUSTERS[0], DAY_BEFORE), partition(CLUSTERS[-1], RECORDED)))
