"""The sample in a lake: what the objectives of these tests stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipelines.lake import Lake

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def sample(lake_path: Path, tmp_path: Path) -> Lake:
    """That lake, to be read."""
    return Lake.open(lake_path, cache_folder=tmp_path / "cache")
