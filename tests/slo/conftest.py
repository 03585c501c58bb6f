"""The sample in a lake, with its Events: what the objectives of these tests stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipelines.config import Settings
from pipelines.ingest import ingest
from pipelines.lake import Lake
from pipelines.refresh import refresh
from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a lake with everything computed."""
    folder = tmp_path_factory.mktemp("slo")
    lake = Lake.open(folder / "lake", cache_folder=folder / "cache")
    ingest(lake, "c", [str(REPOSITORY / "sample")], Settings())
    refresh(lake, "c", settings=Settings())
    return folder / "lake"


@pytest.fixture
def sample(built: Path, tmp_path: Path) -> Lake:
    """That lake, to be read."""
    return Lake.open(built, cache_folder=tmp_path / "cache")
