"""Errors: where codes gather (a heat map), one code with its places and pods, and codes over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Response

from pipelines.serving.http.choices import Dimension, Step, Text
from pipelines.serving.http.pages import charts
from pipelines.serving.http.pages.view import View, Viewed, by
from pipelines.serving.http.searching import Wanted, search
from pipelines.stats import binomial_tail

if TYPE_CHECKING:
    from datetime import datetime

    from pipelines.reports.reading import Row

router = APIRouter()
Kind = Annotated[str, Query(max_length=100)]
_VALUES, _CODES = 30, 14
_SHOWN = 15
# What a search can be narrowed by.
SEARCHED = {Dimension.NODE: "node", Dimension.NAMESPACE: "namespace", Dimension.IMAGE: "image"}


@router.get("/errors")
def gathering(
    view: Viewed, kind: Kind = "pod_create", dimension: Dimension = Dimension.NODE, code: Text = None, length: Annotated[Step | None, Query()] = None
) -> Response:
    """Which codes gather at which values; with a code, that one alone."""
    if view.one_cluster() is None:
        return view.shown("nothing")
    if (kept := view.kept("error_matrix", "error_history", "search", "search_rows")) is not None:
        return kept
    cells = view.reading.rows("error_matrix", dimension=dimension.value, kind=kind, code=code or None, values=_VALUES, codes=_CODES)
    said: dict[str, Any] = {"kind": kind, "dimension": dimension, "dimensions": list(Dimension), "search_by": SEARCHED.get(dimension)}
    if not code:
        return view.shown("errors", **said, **_heat(cells))
    step = charts.step_of(view.window(), length.value if length else None)
    history = view.reading.rows("error_history", length=step, kind=kind, code=code, node=None, namespace=None, rows=5000)
    found = search(view, view.window(), Wanted(code=code, kind=kind), None, _SHOWN)
    said |= {"code": code, "places": _tested(cells), "chart": _over_time(view, history, step), "step": step, "history": history}
    return view.shown(
        "code", **said, pods=found.result.table.to_pylist(), has_more=found.next is not None, of_all=sum(row["deliveries"] for row in history)
    )


@router.get("/history")
def history(view: Viewed, kind: Kind = "pod_create", length: Annotated[Step | None, Query()] = None) -> Response:
    """All codes over time."""
    if view.one_cluster() is None:
        return view.shown("nothing")
    if (kept := view.kept("error_history")) is not None:
        return kept
    step = charts.step_of(view.window(), length.value if length else None)
    rows = view.reading.rows("error_history", length=step, kind=kind, code=None, node=None, namespace=None, rows=9000)
    codes = sorted(by(rows, "error_code").items(), key=lambda each: (-sum(row["deliveries"] for row in each[1]), each[0]))
    told = [_told(view, key[0], of_code, step) for key, of_code in codes]
    return view.shown("history", kind=kind, codes=told, step=step)


def _told(view: View, code: str, rows: list[Row], step: str) -> Row:
    worst = max(rows, key=lambda row: (row["rate"], row["bucket_at"]))
    return {
        "error_code": code,
        "fault": rows[0]["fault"],
        "deliveries": sum(row["deliveries"] for row in rows),
        "first_at": rows[0]["bucket_at"],
        "last_at": rows[-1]["bucket_at"],
        "worst_at": worst["bucket_at"],
        "worst_rate": worst["rate"],
        "chart": _over_time(view, rows, step),
    }


def _over_time(view: View, rows: list[Row], step: str) -> charts.Chart:
    counted = [row | {f"fail_{row['fault'] or 'unknown'}": row["deliveries"]} for row in rows]
    names = ("fail_platform", "fail_capacity", "fail_user", "fail_unknown")
    finer = charts.FINER.get(step)

    def href(from_at: datetime, to_at: datetime) -> str:
        code = rows[0]["error_code"]
        return view.link("/errors", from_=from_at, to=to_at, code=code, kind=rows[0]["kind"], length=finer)

    def said(row: Row) -> str:
        return f"{row['bucket_at']:%Y-%m-%d %H:%M} UTC: {row['deliveries']:,} of {row['exposure']:,} deliveries"

    return charts.columns([dict.fromkeys(names, 0) | row for row in counted], view.window(), step, names, said, href)


def _heat(cells: list[Row]) -> dict[str, Any]:
    codes = sorted({(row["code_position"], row["error_code"], row["fault"]) for row in cells})
    unique = list({code: fault for _, code, fault in codes}.items())
    places = [
        {"value": value[0], "exposure": rows[0]["exposure"], "cells": {row["error_code"]: row for row in rows}}
        for value, rows in by(cells, "value").items()
    ]
    return {"codes": unique, "places": places, "worst_rate": max((row["rate"] for row in cells), default=0.0)}


def _tested(cells: list[Row]) -> list[Row]:
    """With the odds that so many are chance: the exact binomial tail at the rate elsewhere, times the places compared (Bonferroni)."""
    tested = []
    for row in cells:
        elsewhere = row["rate_elsewhere"]
        odds = None
        if elsewhere is not None and row["exposure_elsewhere"]:
            # Nothing seen in n deliveries says that the rate is about 1/n (Laplace).
            expected = elsewhere or 1 / (row["exposure_elsewhere"] + 2)
            odds = min(1.0, len(cells) * float(binomial_tail(row["failures"], row["exposure"], expected)))
        tested.append(row | {"odds": odds, "lift": row["rate"] / elsewhere if elsewhere else None})
    return sorted(tested, key=lambda row: (row["odds"] if row["odds"] is not None else 2.0, -row["failures"], row["value"]))
