"""How the objectives stand, as tables for people and rows for programs; and the objectives as OpenSLO documents.

Here: the shapes of what `lorgnette slo` prints. Not here: what is computed (`pipelines.slo`), and the command's options (`commands`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import typer
import yaml

from pipelines.cli.grid import Column, fixed, grid
from pipelines.cli.output import Format, out, show
from pipelines.refresh import rules_in_force
from pipelines.reports import words
from pipelines.rules.openslo_writer import write
from pipelines.serving.plain_rows import json_rows
from pipelines.slo import Change, Query, standings, what_if
from pipelines.slo.changes import share

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from pipelines.config import Settings
    from pipelines.lake import Lake
    from pipelines.slo import WhatIf

_INSTANT = pa.timestamp("us", tz="UTC")
_VERDICTS = ("success", "fail", "kill", "pending")
_BURNS = ("burn 1h", "burn 6h", "burn 1d", "burn 3d")
_COUNTS = ("total", "success", "fail", "kill", "pending", "fail_platform", "fail_capacity", "fail_user", "fail_unknown", "good_minutes", "minutes")
_RATES = ("success_rate", "platform_success_rate", "budget_left")
_BURN_RATES = tuple(f"burn_rate_{window}" for window in ("5m", "30m", "1h", "2h", "6h", "1d", "3d"))
# What a narrow terminal has no room for, first to last.
_SPARE = ("burn 3d", "burn 6h", "since", "pending", "kill", "burn 1d", "burn 1h", "success", "fail")
_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("cluster", "kind", "objective", "scope", "scope_value", "case", "limits", "window")),
        *((name, _INSTANT) for name in ("from_at", "to_at", "watermark_at")),
        ("target", pa.float64()),
        ("budget", pa.string()),
        *((name, pa.int64()) for name in _COUNTS),
        *((name, pa.float64()) for name in (*_RATES, *_BURN_RATES)),
        ("firing", pa.list_(pa.string())),
    ]
)


def standing_table(lake: Lake, settings: Settings, queries: Sequence[Query], timeout_s: float | None = None) -> pa.Table:
    """How each objective stands, as rows for programs."""
    return pa.Table.from_pylist(_standings(lake, settings, queries, timeout_s), _SCHEMA)


def _standings(lake: Lake, settings: Settings, queries: Sequence[Query], timeout_s: float | None = None) -> list[dict[str, Any]]:
    return [row | {"case": "stored"} for query in queries for row in standings(lake, settings, query, timeout_s)]


def show_standings(lake: Lake, settings: Settings, queries: Sequence[Query], form: Format) -> None:
    """Print how each objective stands."""
    if form is not Format.TABLE:
        show(standing_table(lake, settings, queries), form)
        return
    rows = _standings(lake, settings, queries)
    for query in queries:
        of_cluster = [row for row in rows if row["cluster"] == query.cluster]
        _print_rows(query, of_cluster, "since", lambda row: _minute(row["from_at"]).removesuffix(" 00:00"))
        for row in (row for row in of_cluster if row["firing"]):
            out().print(f"Firing for {row['kind']}/{row['objective']}: {', '.join(row['firing'])}", markup=False, style="red")
        typer.echo()


def show_what_if(lake: Lake, settings: Settings, queries: Sequence[Query], limits: Sequence[str], target: str | None, form: Format) -> None:
    """Print how objectives would stand with other limits."""
    changes = [Change.parsed(each) for each in limits]
    found = [(query, what_if(lake, settings, query, changes, share(target) if target else None)) for query in queries]
    match form:
        case Format.JSON:
            typer.echo(json.dumps([_as_json(query, each) for query, of_query in found for each in of_query], indent=1, ensure_ascii=False))
        case Format.TABLE:
            for query, of_query in found:
                _print(query, of_query, changes)
        case _:
            show(pa.Table.from_pylist([row for _, of_query in found for each in of_query for row in _cases(each)], _SCHEMA), form)


def show_openslo(settings: Settings, cluster: str | None) -> None:
    """Print the objectives in force as OpenSLO documents."""
    typer.echo(yaml.safe_dump_all(write(rules_in_force(settings, cluster)["objectives"]), sort_keys=False, explicit_start=True), nl=False)


def _print(query: Query, found: Sequence[WhatIf], changes: Sequence[Change]) -> None:
    rows = [row for each in found for row in _cases(each)]
    _print_rows(query, rows, "case", lambda row: _limits(changes, row) if row["case"] != "stored" else row["case"])
    for each in found:
        flips = ", ".join(f"{count:,} {flip}" for flip, count in each.flips.items()) or "no verdict changes"
        what = "API calls timed anew" if each.kind == "api_call" else f"{flips}; {each.rejudged:,} deliveries judged again"
        out().print(f"{each.kind}/{each.objective}: {what}", markup=False, soft_wrap=True)
        codes = ", ".join(f"{row['error_code']} {row['changed']:,} (was {row['stored']:,}, {row['fault']})" for row in each.top_codes)
        if codes:
            out().print(f"  fails by {codes}", markup=False, soft_wrap=True)
    typer.echo()


def _print_rows(query: Query, rows: Sequence[dict[str, Any]], second: str, cell: Callable[[dict[str, Any]], str]) -> None:
    """What a person looks at of each row; burn rates at the end of the time."""
    console = out()
    console.print(_heading(query, rows), markup=False, style="bold")
    if rows:
        columns = [fixed("objective"), fixed(second), *map(Column, (*_VERDICTS, "success rate", "target", "good minutes", "budget left", *_BURNS))]
        cells = [
            (
                f"{row['kind']}/{row['objective']}",
                cell(row),
                *(words.count(row[name]) for name in _VERDICTS),
                words.share(row["success_rate"]),
                words.aim(row),
                f"{words.count(row['good_minutes'])} of {words.count(row['minutes'])}",
                words.share(row["budget_left"]),
                *(words.times(row[f"burn_rate_{name.removeprefix('burn ')}"]) for name in _BURNS),
            )
            for row in rows
        ]
        console.print(grid(columns, cells, console.width, spare=_SPARE))


def _cases(each: WhatIf) -> list[dict[str, Any]]:
    return [row | {"case": case} for case, row in (("stored", each.stored), ("what if", each.changed)) if row is not None]


def _limits(changes: Sequence[Change], row: dict[str, Any]) -> str:
    told = [change for change in changes if (change.kind, change.objective) == (row["kind"], row["objective"])]
    return "if " + ", ".join(f"{change.applies_to or ''} {change.limit_s:g} s".strip() for change in told)


def _as_json(query: Query, each: WhatIf) -> dict[str, Any]:
    """One objective; its rows as the other formats have them."""
    rows = {
        name: json_rows(pa.Table.from_pylist([row], _SCHEMA))[0] if row else None
        for name, row in (("stored", each.stored), ("what_if", each.changed))
    }
    for row in rows.values():
        if row:
            del row["case"]
    return {
        "cluster": query.cluster,
        "kind": each.kind,
        "objective": each.objective,
        **rows,
        "flips": each.flips,
        "top_codes": each.top_codes,
        "rejudged": each.rejudged,
    }


def _heading(query: Query, rows: Sequence[dict[str, Any]]) -> str:
    place = f"{query.cluster}, namespace {query.namespace}" if query.namespace else query.cluster
    if not rows:
        return f"{place}: no deliveries in this time"
    return f"{place}  up to {_minute(rows[0]['watermark_at'])} UTC"


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
