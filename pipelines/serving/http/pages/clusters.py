"""The first page: all clusters, how far each has come, and how its objectives stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Response

from pipelines.serving.http.pages.view import Viewed, by

if TYPE_CHECKING:
    from pipelines.reports.reading import Row

router = APIRouter()


@router.get("/")
def clusters(view: Viewed) -> Response:
    """Every cluster that the caller may see, with the last day of each objective."""
    times = view.watermarks()
    rows = view.reading.rows("slo_board", series="hour", scope=view.usual_scope, scope_value=None, length="day") if times else []
    board = by(rows, "cluster", "kind", "objective")
    standing: dict[str, list[Row]] = {}
    for (cluster, kind, objective), of_objective in board.items():
        success, fail = (sum(row[name] for row in of_objective) for name in ("success", "fail"))
        told = view.server.objectives(cluster).get((kind, objective))
        rate = success / (success + fail) if success + fail else None
        target = told.target if told else None
        standing.setdefault(cluster, []).append({"kind": kind, "objective": objective, "attained": rate, "target": target, "fail": fail})
    return view.shown("clusters", times=times, standing=standing)
