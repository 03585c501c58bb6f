"""Data quality: whether every line is accounted for, and what the log cannot tell."""

from __future__ import annotations

from fastapi import APIRouter, Response

from pipelines.serving.http.pages.view import Viewed

router = APIRouter()


@router.get("/quality")
def quality(view: Viewed) -> Response:
    """The input of one cluster in the window."""
    if view.one_cluster() is None:
        return view.shown("nothing")
    if (kept := view.kept("source_totals", "quality", "coverage", "sources", "clock_skew")) is not None:
        return kept
    reading = view.reading
    said = {name: reading.rows(name) for name in ("source_totals", "quality", "coverage")}
    return view.shown("quality", **said, sources=reading.rows("sources", rows=40), skew=reading.rows("clock_skew", rows=12))
