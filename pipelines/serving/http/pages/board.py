"""The SLO board: each objective over the window, one of them bucket by bucket, and why it was missed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Response

from pipelines.reports import words
from pipelines.serving.http.choices import Step, Text
from pipelines.serving.http.pages import charts
from pipelines.serving.http.pages.view import View, Viewed, by
from pipelines.serving.http.searching import Wanted, search

if TYPE_CHECKING:
    from datetime import datetime

    from pipelines.reports.reading import Row

router = APIRouter()
_SUMS = ("total", "success", "fail", "kill", "pending", "unsettled", "fail_platform", "fail_capacity", "fail_user", "fail_unknown")
_SHOWN = 12


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
    if (kept := view.kept("slo_board", "fail_causes", "search", "search_rows")) is not None:
        return kept
    window = view.window()
    step = charts.step_of(window, length.value if length else None)
    scope = "namespace" if namespace else view.usual_scope
    rows = view.reading.rows("slo_board", series="minute" if step == "minute" else "hour", scope=scope, scope_value=namespace or None, length=step)
    objectives = _standing(view, cluster, rows)
    chosen = next((each for each in objectives if (each["kind"], each["objective"]) == (kind, objective)), None) or _worst(objectives)
    said: dict[str, Any] = {"objectives": objectives, "chosen": chosen, "step": step, "steps": charts.STEPS, "namespace": namespace}
    if chosen:
        mine = [row for row in rows if (row["kind"], row["objective"]) == (chosen["kind"], chosen["objective"])]
        said |= _drawn(view, mine, step, chosen["target"])
        causes = view.reading.rows("fail_causes", kind=chosen["kind"], objective=chosen["objective"])
        wanted = Wanted(kind=chosen["kind"], verdict="FAIL", objective=chosen["objective"], namespace=namespace or None)
        said |= {
            "causes": causes,
            "failed": search(view, window, wanted, None, _SHOWN).result.table.to_pylist() if chosen["fail"] else [],
            "rows": mine,
        }
    return view.shown("board", **said)


def _standing(view: View, cluster: str, rows: list[Row]) -> list[Row]:
    """Each objective over the whole window, in the order of the rules."""
    told = view.server.objectives(cluster)
    found = []
    for (kind, objective), of_objective in by(rows, "kind", "objective").items():
        sums: Row = {name: sum(row[name] for row in of_objective) for name in _SUMS}
        decided = sums["success"] + sums["fail"]
        rule = told.get((kind, objective))
        rate = sums["success"] / decided if decided else None
        found.append(sums | {"kind": kind, "objective": objective, "attained": rate, "target": rule.target if rule else None, "budget": "deliveries"})
    order = {key: position for position, key in enumerate(told)}
    return sorted(found, key=lambda row: (order.get((row["kind"], row["objective"]), len(order)), row["kind"], row["objective"]))


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
        return f"{row['bucket_at']:%Y-%m-%d %H:%M} UTC: {row['total']:,} deliveries{fails}, success {words.share(row['success_rate'])}"

    window = view.window()
    return {
        "counts": charts.columns(rows, window, step, charts.VERDICTS, said, href),
        "rates": charts.rates(rows, window, step, ("success_rate", "platform_success_rate"), target),
    }


def _chosen(rows: list[Row]) -> dict[str, str]:
    return {"kind": rows[0]["kind"], "objective": rows[0]["objective"]} if rows else {}
