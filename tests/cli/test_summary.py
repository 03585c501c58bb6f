"""The summary on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.cli.output import Format
from pipelines.cli.summary import show_summary
from pipelines.config import Settings

if TYPE_CHECKING:
    import pytest

    from pipelines.lake import Lake


def test_it_is_printed_as_tables_for_each_cluster(sample_lake: Lake, capsys: pytest.CaptureFixture[str]) -> None:
    show_summary(sample_lake, ["late", "sample"], Settings(), Format.TABLE)
    text = capsys.readouterr().out
    for words in ("sample", "late", "Deliveries", "Success rates", "Where the time goes", "Errors", "Where they gather", "ScheduleDelay"):
        assert words in text


def test_a_cluster_without_deliveries_says_so(sample_lake: Lake, capsys: pytest.CaptureFixture[str]) -> None:
    show_summary(sample_lake, ["nowhere"], Settings(), Format.TABLE)
    assert "No deliveries" in capsys.readouterr().out
