"""The summary for the terminal."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich.console import Console

from pipelines.reports import print_summary, summary
from tests.asking import ask

if TYPE_CHECKING:
    from pipelines.lake import Lake


def test_it_says_what_the_tables_say(sample_lake: Lake) -> None:
    [cluster] = summary(sample_lake, ["sample"]).clusters
    rows = ask(sample_lake, "select kind, count(*) as deliveries from deliveries group by kind", "sample")
    assert {row["kind"]: row["deliveries"] for row in cluster.kinds} == {row["kind"]: row["deliveries"] for row in rows}
    spent = [row["avg_s"] * row["count"] for row in cluster.phases]
    assert spent == sorted(spent, reverse=True)
    assert all(row["q_value"] < 0.05 for row in cluster.gathering)


def test_it_is_printed_as_tables_for_each_cluster(sample_lake: Lake) -> None:
    console = Console(file=io.StringIO(), width=160)
    print_summary(sample_lake, None, console)
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    for words in ("sample", "late", "Deliveries", "Success rates", "Where the time goes", "Errors", "Where they gather", "ScheduleDelay"):
        assert words in text


def test_a_cluster_without_deliveries_says_so(sample_lake: Lake) -> None:
    console = Console(file=io.StringIO(), width=160)
    print_summary(sample_lake, ["nowhere"], console)
    assert isinstance(console.file, io.StringIO)
    assert "No deliveries" in console.file.getvalue()
