"""What several tests of the report read: the report of the sample, and the same logs laid over many hours."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import zstandard

from pipelines.reports.html import write_report
from tests.reports.html_page import HtmlPage
from tests.sample_lakes import FILES, build
from tests.shifted import shifted

if TYPE_CHECKING:
    from pipelines.lake import Lake


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
