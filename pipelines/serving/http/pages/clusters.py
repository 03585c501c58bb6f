"""The first page: all clusters, how far each has come, and how its objectives stand."""

from __future__ import annotations

from fastapi import APIRouter, Response

from pipelines.serving.http.pages.standing import minutes, standing
from pipelines.serving.http.pages.view import Viewed, by

router = APIRouter()


@router.get("/")
def clusters(view: Viewed) -> Response:
    """Every cluster that the caller may see, with the last day of each objective."""
    times = view.watermarks()
    rows = view.reading.rows("slo_board", series="hour", scope=view.usual_scope, scope_value=None, length="hour") if times else []
    counted = by(minutes(view, times, "hour", view.usual_scope), "cluster") if times else {}
    of_cluster = by(rows, "cluster")
    stand = {name: standing(view, name, of_cluster.get((name,), []), counted.get((name,), [])) for name in times}
    return view.shown("clusters", times=times, standing=stand)
