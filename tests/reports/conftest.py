"""Lakes that several tests of the report read: the sample, and the same logs laid over many hours."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import zstandard

from pipelines.config import Settings
from pipelines.ingest import ingest
from pipelines.lake import Lake
from pipelines.refresh import refresh
from pipelines.reports import write_report
from tests.conftest import REPOSITORY
from tests.reports.html_page import HtmlPage
from tests.shifted import shifted

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


@pytest.fixture(scope="session")
def sample_lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The sample as the cluster `sample`, and its last file as the cluster `late`."""
    return build(tmp_path_factory.mktemp("sample"), sample=FILES, late=FILES[-1:])


@pytest.fixture(scope="session")
def report(sample_lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> HtmlPage:
    """The report of the cluster `sample`."""
    path = write_report(sample_lake, ["sample"], tmp_path_factory.mktemp("report") / "report.html")
    return HtmlPage.read(path)


@pytest.fixture(scope="session")
def long_lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The first minutes of the sample at 07:02, and its next ones nine hours later."""
    folder = tmp_path_factory.mktemp("long")
    later = folder / "later.log"
    later.write_bytes(shifted(zstandard.ZstdDecompressor().decompress(FILES[1].read_bytes()), timedelta(hours=9)))
    return build(folder, long=[FILES[0], later])
