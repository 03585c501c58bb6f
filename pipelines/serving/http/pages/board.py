"""The SLO board: each objective over the window, one of them bucket by bucket, and why it was missed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Response

from pipelines.reports import words
from pipelines.serving.http.choices import Step, Text
from pipelines.serving.http.pages import charts
from pipelines.serving.http.pages.standing import CALLS, QUERIES, minutes, standing
from pipelines.serving.http.pages.view import View, Viewed
from pipelines.serving.http.searching import Wanted, search

if TYPE_CHECKING:
    from datetime import datetime

    from pipelines.reports.reading import Row
    from pipelines.serving.http.reading import Window

router = APIRouter()
_SHOWN = 12
_READS = ("get", "list")
_MOST_CALLS = 1000


@router.get("/slo")
def board(
    view: Viewed,
    kind: Text = None,
    objective: Text = None,
    namespace: Text = None,
    length: Annotated[Step | None, Query()] = None,
) -> Response:
    """The board of one cluster."""
    cluster = view.one_cluster()
    if cluster is None:
        return view.shown("nothing")
    if (kept := view.kept(*QUERIES, "fail_causes", "api_calls", "search", "search_rows")) is not None:
        return kept
    window = view.window()
    step = charts.step_of(window, length.value if length else None)
    scope = "namespace" if namespace else view.usual_scope
    rows = view.reading.rows("slo_board", series="minute" if step == "minute" else "hour", scope=scope, scope_value=namespace or None, length=step)
    counted = minutes(view, [cluster], step, scope, namespace)
    objectives = standing(view, cluster, rows, counted)
    rows += [row for row in counted if row["kind"] == CALLS]
    chosen = next((each for each in objectives if (each["kind"], each["objective"]) == (kind, objective)), None) or _worst(objectives)
    said: dict[str, Any] = {"objectives": objectives, "chosen": chosen, "step": step, "steps": charts.STEPS, "namespace": namespace}
    if chosen:
        mine = [row for row in rows if (row["kind"], row["objective"]) == (chosen["kind"], chosen["objective"])]
        said |= {"rows": mine} | _drawn(view, mine, step, chosen["target"])
        said |= _slow_calls(view, chosen) if chosen["kind"] == CALLS else _failed(view, window, chosen, namespace)
    return view.shown("board", **said)


def _failed(view: View, window: Window, chosen: Row, namespace: str | None) -> dict[str, Any]:
    """Why deliveries failed an objective, and the newest of them."""
    wanted = Wanted(kind=chosen["kind"], verdict="FAIL", objective=chosen["objective"], namespace=namespace or None)
    return {
        "causes": view.reading.rows("fail_causes", kind=chosen["kind"], objective=chosen["objective"]),
        "failed": search(view, window, wanted, None, _SHOWN).result.table.to_pylist() if chosen["fail"] else [],
    }


def _slow_calls(view: View, chosen: Row) -> dict[str, Any]:
    """The kinds of API call of an objective that took longest against their limit."""
    calls = view.reading.rows("api_calls", rows=_MOST_CALLS)
    return {"calls": [row for row in calls if (row["verb"] in _READS) == (chosen["objective"] == "read")][:_SHOWN]}


def _worst(objectives: list[Row]) -> Row | None:
    """The first one that was missed, else the first."""
    return next((each for each in objectives if words.is_missed(each)), objectives[0] if objectives else None)


def _drawn(view: View, rows: list[Row], step: str, target: float | None) -> dict[str, Any]:
    finer = charts.FINER.get(step)

    def href(from_at: datetime, to_at: datetime) -> str:
        return (
            view.here(from_=from_at, to=to_at, last=None, length=finer, **_chosen(rows))
            if finer
            else view.here(from_=from_at, to=to_at, **_chosen(rows))
        )

    def said(row: Row) -> str:
        fails = f", {row['fail']:,} failed" if row["fail"] else ""
        what = "calls" if row["kind"] == CALLS else "deliveries"
        return f"{row['bucket_at']:%Y-%m-%d %H:%M} UTC: {row['total']:,} {what}{fails}, success {words.share(row['success_rate'])}"

    window = view.window()
    return {
        "counts": charts.columns(rows, window, step, charts.VERDICTS, said, href),
        "rates": charts.rates(rows, window, step, ("success_rate", "platform_success_rate"), target),
    }


def _chosen(rows: list[Row]) -> dict[str, str]:
    return {"kind": rows[0]["kind"], "objective": rows[0]["objective"]} if rows else {}
