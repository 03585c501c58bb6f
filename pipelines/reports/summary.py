"""What the report's first screen says, of some clusters, as rows.

Not here: how it is shown (the command line), and the queries (`sql/reports`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.config import Settings
from pipelines.reports.headline import Headline, headline
from pipelines.reports.page import PSEUDO_PHASES
from pipelines.reports.reading import Reader, reading

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pipelines.lake import Lake
    from pipelines.reports.reading import Row

_MOST_ROWS = 8


@dataclass(frozen=True, slots=True)
class ClusterSummary:
    """One cluster at a glance; the rows are those of the queries of the same names in `sql/reports`.

    Args:
        cluster: The cluster.
        watermark_at: The time up to which its log is complete; None if nothing was read.
        kinds: Deliveries by kind, with `p50_s`, `p90_s`, `p99_s` and `max_s` of the delivered ones.
        objectives: Verdicts and rates per objective.
        phases: Phases by the time that they took in all, most first.
        errors: Error codes, most frequent first.
        gathering: Where codes gather: the likeliest place of each, q below 0.05.
        headline: What is worst; None without deliveries.
    """

    cluster: str
    watermark_at: datetime | None
    kinds: list[Row]
    objectives: list[Row]
    phases: list[Row]
    errors: list[Row]
    gathering: list[Row]
    headline: Headline | None


@dataclass(frozen=True, slots=True)
class Summary:
    """Some clusters at a glance."""

    clusters: list[ClusterSummary]


def summary(lake: Lake, clusters: Sequence[str] | None = None, settings: Settings | None = None) -> Summary:
    """Sum up some clusters.

    Args:
        lake: The lake.
        clusters: The clusters, in this order; all of the lake if None.
        settings: Limits; the defaults if left out.

    Raises:
        LorgnetteError: A table cannot be read.
    """
    with reading(lake, settings or Settings()) as con:
        return Summary([_cluster(Reader(con, lake, cluster, None, None)) for cluster in (lake.clusters() if clusters is None else clusters)])


def _cluster(reader: Reader) -> ClusterSummary:
    times = reader.rows("phase_times")
    totals = {row["kind"]: row for row in times if row["phase"] == "total"}
    empty = dict.fromkeys(("p50_s", "p90_s", "p99_s", "max_s"))
    kinds = [row | {name: totals.get(row["kind"], empty)[name] for name in empty} for row in reader.rows("kinds")]
    phases = sorted((row for row in times if row["phase"] not in PSEUDO_PHASES and row["count"]), key=lambda row: -row["avg_s"] * row["count"])
    objectives, errors = reader.rows("objectives"), reader.rows("top_errors")
    gathering = [row for row in reader.rows("gathering", length="day", per_code=1) if row["is_cluster"]]
    return ClusterSummary(
        reader.cluster,
        reader.rows("extent")[0]["watermark_at"],
        kinds,
        objectives,
        phases[:_MOST_ROWS],
        errors[:_MOST_ROWS],
        gathering[:_MOST_ROWS],
        headline(objectives, errors, reader.rows("fail_codes"), gathering, reader.rows("long_tail")) if kinds else None,
    )
