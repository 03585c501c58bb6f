"""The report's first screen for a terminal.

Here: `summary`, which asks a few of the report's queries, and `print_summary`, which shows them as Rich tables. Not here: JSON and other
machine-readable forms (the command line), and the queries (`sql/reports`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from pipelines.config import Settings
from pipelines.reports import words
from pipelines.reports.headline import Headline, headline
from pipelines.reports.page import PSEUDO_PHASES
from pipelines.reports.reading import Reader, reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from rich.console import Console

    from pipelines.lake import Lake
    from pipelines.reports.reading import Row

_MOST_ROWS = 8
_STATUS_STYLES = {"missed": "red", "met": "green", "open": ""}
_FAULT_STYLES = {"platform": "blue", "capacity": "yellow", "user": "magenta"}


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


def print_summary(lake: Lake, clusters: Sequence[str] | None, console: Console, settings: Settings | None = None) -> None:
    """Show `summary` as tables.

    Raises:
        LorgnetteError: A table cannot be read.
    """
    for each in summary(lake, clusters, settings).clusters:
        console.print()
        console.print(Text.assemble((each.cluster, "bold"), (f"  up to {words.instant(each.watermark_at)} UTC" if each.watermark_at else "", "dim")))
        if each.headline is None:
            console.print("No deliveries: the sources hold no pod that was created or deleted.")
            continue
        console.print(Text(each.headline.text, style=_STATUS_STYLES[each.headline.status]))
        for table in _tables(each):
            console.print()
            console.print(table)


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
        headline(objectives, reader.rows("fail_codes"), gathering, reader.rows("long_tail")) if kinds else None,
    )


def _tables(found: ClusterSummary) -> Iterable[Table]:
    yield _table(
        "Deliveries", ("kind", "delivered", "failed", "killed", "pending", "unsettled", "p50", "p90", "p99"), map(_delivery_cells, found.kinds)
    )
    yield _table(
        "Success rates",
        ("objective", "success", "good minutes", "target", "without user faults", "fail", "kill", "pending"),
        map(_objective_cells, found.objectives),
    )
    yield _table("Where the time goes", ("phase", "count", "p50", "p90", "p99", "longest"), map(_phase_cells, found.phases))
    if found.errors:
        yield _table("Errors", ("code", "fault", "deliveries", "first", "last"), map(_error_cells, found.errors), left=2)
    if found.gathering:
        yield _table("Where they gather", ("code", "at", "failures", "of", "elsewhere", "lift"), map(_gathering_cells, found.gathering), left=2)


def _table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str | Text]], left: int = 1) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", header_style="dim", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for position, column in enumerate(columns):
        table.add_column(column, justify="left" if position < left else "right", overflow="fold")
    for row in rows:
        # Text, not markup: values come from logs and may hold brackets.
        table.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
    return table


def _delivery_cells(row: Row) -> list[str | Text]:
    counts = [words.count(row[name]) for name in ("delivered", "failed", "killed", "pending", "unsettled")]
    return [words.kind(row["kind"]), *counts, *(words.seconds(row[name]) for name in ("p50_s", "p90_s", "p99_s"))]


def _objective_cells(row: Row) -> list[str | Text]:
    is_in_minutes = row["budget"] == "minutes"
    style = "bold red" if words.is_missed(row) else ""
    return [
        f"{words.objective(row['kind'], row['objective'])} ({row['kind']} / {row['objective']})",
        Text(words.share(row["success_rate"]), style="" if is_in_minutes else style),
        Text(f"{words.count(row['good_minutes'])} of {words.count(row['minutes'])}", style=style if is_in_minutes else ""),
        words.aim(row),
        words.share(row["platform_success_rate"]),
        *(words.count(row[name]) for name in ("fail", "kill", "pending")),
    ]


def _phase_cells(row: Row) -> list[str | Text]:
    times = (words.seconds(row[name]) for name in ("p50_s", "p90_s", "p99_s", "max_s"))
    return [f"{row['phase']} ({words.kind(row['kind']).lower()})", words.count(row["count"]), *times]


def _error_cells(row: Row) -> list[str | Text]:
    fault = Text(row["fault"] or words.DASH, style=_FAULT_STYLES.get(row["fault"], ""))
    return [row["error_code"], fault, words.count(row["deliveries"]), words.instant(row["first_at"]), words.instant(row["last_at"])]


def _gathering_cells(row: Row) -> list[str | Text]:
    place = f"{row['dimension']} {row['value']}"
    return [
        row["error_code"],
        place,
        words.count(row["failures"]),
        words.count(row["exposure"]),
        words.share(row["rate_elsewhere"]),
        words.times(row["lift"]),
    ]
