"""What became of a delivery is the same by its rows at hand as by the query over many."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from pipelines.config import Settings
from pipelines.reports.outcomes import outcome
from pipelines.reports.reading import Reader, reading

if TYPE_CHECKING:
    from pipelines.lake import Lake


def test_both_say_the_same_of_every_delivery(sample_lake: Lake) -> None:
    verdicts = sorted(sample_lake.read("verdicts", "sample").to_pylist(), key=lambda row: str(row["delivery_id"]))
    by_delivery = {id_: list(group) for id_, group in groupby(verdicts, key=lambda row: row["delivery_id"])}
    with reading(sample_lake, Settings()) as con:
        # Its stage holds every delivery.
        Reader(con, sample_lake, "sample", None, None).rows("explain_deliveries", uid=None, namespace=None, object_name=None, kinds=None)
        rows = con.sql('from "_judged"').to_arrow_table().to_pylist()
    assert {row["outcome"] for row in rows} >= {"SUCCESS", "FAIL", "KILL"}
    for row in rows:
        assert outcome(row, by_delivery.get(row["delivery_id"], [])) == {name: row[name] for name in ("outcome", "failed_objectives")}
