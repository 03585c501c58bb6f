"""What a lake says at a glance: for people as tables, for programs as JSON.

Not here: how it is computed (`pipelines.reports.summary`).
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer
from rich.text import Text

from pipelines.cli.explain import plain
from pipelines.cli.grid import Column, fixed, folded, grid
from pipelines.cli.output import Format, out
from pipelines.reports import words
from pipelines.reports.summary import summary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from pipelines.config import Settings
    from pipelines.lake import Lake
    from pipelines.reports.reading import Row
    from pipelines.reports.summary import ClusterSummary

_STATUS_STYLES = {"missed": "red", "met": "green", "open": ""}
_FAULT_STYLES = {"platform": "blue", "capacity": "yellow", "user": "magenta"}
# Room for `(pod_create/sig_startup)`, and for an image behind its registry.
_OBJECTIVE_CHARS, _PLACE_CHARS = 24, 36


def show_summary(lake: Lake, clusters: Sequence[str], settings: Settings, form: Format) -> None:
    """Print the summary of some clusters."""
    found = summary(lake, clusters, settings)
    if form is Format.JSON:
        typer.echo(json.dumps(asdict(found)["clusters"], indent=1, ensure_ascii=False, default=plain))
        return
    console = out()
    for each in found.clusters:
        console.print()
        console.print(Text.assemble((each.cluster, "bold"), (f"  up to {words.instant(each.watermark_at)} UTC" if each.watermark_at else "", "dim")))
        if each.headline is None:
            console.print("No deliveries: the sources hold no pod that was created or deleted.")
            continue
        console.print(Text(each.headline.text, style=_STATUS_STYLES[each.headline.status]))
        for table in _tables(each, console.width):
            console.print()
            console.print(table)


def _tables(found: ClusterSummary, width: int) -> Iterator[RenderableType]:
    columns = [fixed("kind"), *map(Column, ("delivered", "failed", "killed", "pending", "unsettled", "p50", "p90", "p99"))]
    yield grid(columns, map(_delivery_cells, found.kinds), width, title="Deliveries", spare=("unsettled", "pending"))
    numbers = ("success", "good minutes", "target", "without user faults", "fail", "kill", "pending")
    columns = [folded("objective", _OBJECTIVE_CHARS), *map(Column, numbers)]
    yield grid(columns, map(_objective_cells, found.objectives), width, title="Success rates", spare=("without user faults", "pending", "kill"))
    columns = [folded("phase"), *map(Column, ("count", "p50", "p90", "p99", "longest"))]
    yield grid(columns, map(_phase_cells, found.phases), width, title="Where the time goes")
    if found.errors:
        columns = [fixed("code"), fixed("fault"), *map(Column, ("deliveries", "first", "last"))]
        yield grid(columns, map(_error_cells, found.errors), width, title="Errors", spare=("first",))
    if found.gathering:
        columns = [fixed("code"), folded("at", _PLACE_CHARS), *map(Column, ("failures", "of", "elsewhere", "lift"))]
        yield grid(columns, map(_gathering_cells, found.gathering), width, title="Where they gather", spare=("elsewhere",))


def _delivery_cells(row: Row) -> list[str | Text]:
    counts = [words.count(row[name]) for name in ("delivered", "failed", "killed", "pending", "unsettled")]
    return [words.kind(row["kind"]), *counts, *(words.seconds(row[name]) for name in ("p50_s", "p90_s", "p99_s"))]


def _objective_cells(row: Row) -> list[str | Text]:
    is_in_minutes = row["budget"] == "minutes"
    style = "bold red" if words.is_missed(row) else ""
    return [
        f"{words.objective(row['kind'], row['objective'])} ({row['kind']}/{row['objective']})",
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
