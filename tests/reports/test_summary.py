"""What the summary says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.reports.summary import summary
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
