"""How an explained object is shown: for people as a page of text, for programs as JSON.

Not here: what is found out (`pipelines.reports.explain`).
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import typer
from rich.text import Text

from pipelines.cli.grid import Column, fixed, folded, grid
from pipelines.cli.output import Format, out
from pipelines.errors import UsageError
from pipelines.reports import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console, RenderableType

    from pipelines.reports.explain import Explained, ExplainedDelivery
    from pipelines.reports.waterfall import Lane, Waterfall
    from pipelines.reports.what_if import Change

_KINDS = {"pod": "pod_", "pods": "pod_", "po": "pod_"} | dict.fromkeys(("pvc", "persistentvolumeclaim", "persistentvolumeclaims"), "pvc_")
_MOST_BAR_CHARS, _LEAST_BAR_CHARS = 48, 12
_BESIDE_BARS_CHARS = 64
_WHY_CHARS = 20
_GLYPHS = {"platform": "█", "user": "▒", "queue": "░"}
_STYLES = {"SUCCESS": "green", "FAIL": "bold red", "unsettled": "bold red", "KILL": "yellow", "PENDING": "cyan"}


def kinds_of(kind: str) -> str:
    """How the kinds of an object's deliveries begin.

    Raises:
        UsageError: It has no deliveries.
    """
    if kind not in _KINDS:
        raise UsageError(f"There is nothing to explain about {kind!r}", remedy=f"Ask about one of {', '.join(_KINDS)}.")
    return _KINDS[kind]


def show_explained(explained: Sequence[Explained], form: Format) -> None:
    """Print what was found of each object."""
    if form is Format.JSON:
        typer.echo(json.dumps([asdict(each) for each in explained], indent=1, ensure_ascii=False, default=plain))
        return
    console = out()
    for each in explained:
        _show_object(console, each)


def plain(value: Any) -> str:  # noqa: ANN401 - any value that JSON has no word for
    """The text of a value that JSON has no word for."""
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else str(value)


def _show_object(console: Console, explained: Explained) -> None:
    first = explained.deliveries[0].delivery
    console.print(
        Text(f"{explained.namespace}/{explained.name or '(a generated name)'}", style="bold").append(
            f"  cluster {explained.cluster}", style="not bold"
        )
    )
    console.print(Text(" · ".join(_attributes(first, explained.uid)), style="dim"))
    for delivery in explained.deliveries:
        _show_delivery(console, delivery)
    if explained.facts:
        _say(console, "Everything that is known of it, in order")
        console.print(_facts(explained.facts, console.width))
    console.print()


def _attributes(row: dict[str, Any], uid: str | None) -> Iterator[str]:
    yield f"uid {uid}" if uid else "no uid: it was refused"
    if row["owner_name"]:
        yield f"{row['owner_kind']} {row['owner_name']}"
    if row["node"]:
        yield f"node {row['node']}"
    if row["size_class"]:
        yield f"size {row['size_class']}"
    yield from row["images"] or ()


def _show_delivery(console: Console, explained: ExplainedDelivery) -> None:
    row = explained.delivery
    head = Text(f"\n{words.kind(row['kind'])}", style="bold").append(f" from {_instant(row['started_at'])}: ", style="not bold")
    head.append(row["outcome"], style=_STYLES.get(row["outcome"], ""))
    head.append(f" ({row['state']}) after {words.seconds(row['total_s'])}", style="not bold")
    console.print(head)
    if row["error_code"]:
        console.print(Text(_code(row["error_code"], row["error_detail"], row["fault"])), soft_wrap=True)
    console.print(_verdicts(explained, console.width))
    if explained.drawing.lanes:
        _say(console, f"Where the {words.seconds(explained.drawing.span_s)} went (█ platform ▒ user ░ queue; ! error, … still open)")
        console.print(_lanes(explained, console.width))
        console.print(Text(_ticks(explained.drawing), style="dim"), soft_wrap=True)
    _show_diagnoses(console, explained.diagnoses)
    _show_changes(console, explained)


def _say(console: Console, heading: str) -> None:
    console.print(Text(f"\n{heading}", style="italic"))


def _verdicts(explained: ExplainedDelivery, width: int) -> RenderableType:
    columns = [fixed("objective"), fixed("verdict"), Column("limit"), Column("spent"), fixed("decided"), folded("why", _WHY_CHARS)]
    rows = [
        (
            row["objective"],
            Text(row["verdict"], style=_STYLES.get(row["verdict"], "")),
            words.seconds(row["limit_s"]),
            words.seconds(row["spent_s"]),
            _instant(row["decided_at"]),
            _code(row["error_code"], row["error_detail"], row["fault"]) if row["error_code"] else "",
        )
        for row in (each.verdict for each in explained.verdicts)
    ]
    return grid(columns, rows, width, spare=("decided",))


def _lanes(explained: ExplainedDelivery, width: int) -> RenderableType:
    sums = {(row["phase"], row["subject"]): row for row in explained.phases}
    bar_chars = max(_LEAST_BAR_CHARS, min(_MOST_BAR_CHARS, width - _BESIDE_BARS_CHARS))
    rows = []
    for lane in explained.drawing.lanes:
        row = sums.get((lane.phase, lane.subject), {})
        name = lane.phase + (f" {lane.subject}" if lane.subject else "")
        times = (lane.total_s, row.get("sole_s"), row.get("usual_s"))
        rows.append((name, _bar(lane, bar_chars), *map(words.seconds, times)))
    return grid([folded("phase"), fixed(""), *map(Column, ("takes", "alone", "usually"))], rows, width, spare=("usually", "alone"))


def _bar(lane: Lane, chars: int) -> str:
    cells = [" "] * chars
    for bar in lane.bars:
        start = min(int(bar.left / 100 * chars), chars - 1)
        end = max(start + 1, min(round((bar.left + bar.width) / 100 * chars), chars))
        cells[start:end] = _GLYPHS.get(bar.owner, "█") * (end - start)
        if bar.status != "ok":
            cells[end - 1] = "!" if bar.status == "error" else "…"
    return "".join(cells)


def _ticks(drawing: Waterfall) -> str:
    return "Milestones: " + ", ".join(f"{tick.name} +{words.seconds(tick.after_s)}" for tick in drawing.ticks)


def _show_diagnoses(console: Console, diagnoses: Sequence[dict[str, Any]]) -> None:
    """The moments that say the same are said once."""
    told: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in diagnoses:
        told.setdefault((row["error_code"], row["error_detail"], row["rule"], row["frontier"]), []).append(row)
    if told:
        _say(console, "Why")
    for rows in told.values():
        row = rows[-1]
        console.print(
            Text(f"{_code(row['error_code'], row['error_detail'], row['fault'])}  (at {', '.join(each['moment'] for each in rows)})"), soft_wrap=True
        )
        for line in _reasons(row):
            console.print(Text(f"  {line}"), soft_wrap=True)


def _reasons(row: dict[str, Any]) -> Iterator[str]:
    if row["evidence_at"] is not None:
        parts = [row["evidence_operation"], row["evidence_subject"], row["evidence_reason"]]
        times = f" ×{row['evidence_count']}" if (row["evidence_count"] or 1) > 1 else ""
        yield f"{_instant(row['evidence_at'])} {' '.join(filter(None, parts))}{times}, said by {row['evidence_actor'] or row['component'] or 'the log'}"
        if row["message"]:
            yield f"“{row['message']}”"
        yield f"{row['uri'] or row['source_id']}, line {row['source_line']}"
    else:
        yield "no single HyperEvent says so: it follows from the phases above"
    completed = f"last stage completed: {row['frontier']}" if row["frontier"] else None
    rule = f"rule {row['rule']}" if row["rule"] else None
    runner_up = f"without it: {row['runner_up']}" if row["runner_up"] else None
    told = [part for part in (completed, rule, runner_up) if part]
    if told:
        yield "; ".join(told)
    if row["advice"]:
        yield f"→ {row['advice']}"


def _show_changes(console: Console, explained: ExplainedDelivery) -> None:
    lines = [f"{each.verdict['objective']}: {_change(change)}" for each in explained.verdicts for change in each.changes]
    if lines:
        _say(console, "What would have changed the verdict")
    for line in lines:
        console.print(Text(f"  {line}"), soft_wrap=True)


def _change(change: Change) -> str:
    actual, needed = words.seconds(change.actual_s), words.seconds(change.needed_s)
    match change.of:
        case "limit" if change.to == "FAIL":
            return f"a limit below {needed} instead of {actual} would have failed it"
        case "limit":
            return f"a limit of {needed} instead of {actual}"
        case "phase" | "phases":
            together = " together" if change.of == "phases" else ""
            return f"{change.name}{together} in {needed} instead of {actual}"
        case "delete":
            return f"it was deleted after {actual}" + (f" of the {needed} that it had" if change.needed_s is not None else "")
        case "log":
            return f"undecided: the log ends after {actual}" + (f" of the {needed} that it has" if change.needed_s is not None else "")
        case _:
            instead = f"; the next thing to be named is {change.instead}" if change.instead else ""
            return f"no limit: it was not delivered at all. {change.name} stood in the way{instead}"


def _facts(rows: Sequence[dict[str, Any]], width: int) -> RenderableType:
    columns = [fixed("at"), Column("±"), *map(folded, ("operation", "subject", "reason", "message", "where"))]
    cells = []
    for row in rows:
        style = {"error": "red", "warning": "yellow"}.get(row["severity"], "")
        where = f"{words.file_name(row['uri'])}:{row['source_line']}"
        told = (
            _instant(row["fact_at"]),
            words.milliseconds(row["uncertainty_ms"]),
            *(row[name] for name in ("operation", "subject", "reason", "message")),
        )
        cells.append([Text(cell or "", style=style) for cell in (*told, where)])
    return grid(columns, cells, width, spare=("±", "where", "reason", "subject"))


def _code(code: str, detail: str | None, fault: str | None) -> str:
    return code + (f" ({detail})" if detail else "") + (f", fault {fault}" if fault else "")


def _instant(value: datetime | None) -> str:
    return words.DASH if value is None else f"{value:%Y-%m-%d %H:%M:%S}.{value.microsecond // 1000:03d}"
