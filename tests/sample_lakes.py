"""Lakes made of the sample logs, with everything computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.config import Settings
from pipelines.ingest import ingest
from pipelines.lake import Lake
from pipelines.refresh import refresh
from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

AUDIT = REPOSITORY / "sample" / "audit"
FILES = sorted(AUDIT.glob("*.zst"))


def build(folder: Path, **paths_by_cluster: Sequence[Path]) -> Lake:
    """A lake with everything computed, and its cache beside it."""
    lake = Lake.open(folder / "lake", cache_folder=folder / "cache")
    for cluster, paths in paths_by_cluster.items():
        ingest(lake, cluster, [str(path) for path in paths], Settings())
        refresh(lake, cluster, settings=Settings())
    return lake
