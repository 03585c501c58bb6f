"""What the tests of the door share: a small lake of two clusters, and a door to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipelines.config import Settings
from pipelines.ingest import ingest
from pipelines.lake import Lake
from pipelines.refresh import refresh
from pipelines.serving.door import Door
from pipelines.serving.limits import Limits
from tests.conftest import REPOSITORY
from tests.raw_rows import at, put_source

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLE = "eu/prod 1'"


@pytest.fixture(scope="package", autouse=True)
def _cache_of_doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Worker processes of doors that several tests share keep their caches away from the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="package")
def shared_lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Two clusters: three audit events in `a`, one in `b`. Nobody changes it."""
    return _filled(Lake.open(tmp_path_factory.mktemp("shared") / "lake"))


@pytest.fixture
def filled(lake: Lake) -> Lake:
    """The same in a lake of the test's own."""
    return _filled(lake)


def _filled(lake: Lake) -> Lake:
    put_source(lake, "a", "s", [at(0), at(1), at(30)])
    put_source(lake, "b", "s", [at(0)])
    return lake


@pytest.fixture(scope="package")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The sample's first file with everything computed, as a cluster whose name needs care in a path. Nobody changes it."""
    lake = Lake.open(tmp_path_factory.mktemp("sample") / "lake")
    ingest(lake, SAMPLE, [str(min((REPOSITORY / "sample" / "audit").glob("*.zst")))], Settings())
    refresh(lake, SAMPLE, settings=Settings())
    return lake


@pytest.fixture(scope="package")
def door(shared_lake: Lake) -> Iterator[Door]:
    """A door to the shared lake that gives up early."""
    with Door(shared_lake.url, Limits(memory_limit="200MB", timeout_s=1.0, threads=1, max_rows=20_000, max_bytes=1_000_000), workers=1) as opened:
        yield opened
