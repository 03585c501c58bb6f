"""The long tail: in which phases slow deliveries lose their time, and one phase by time and place."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from pipelines.reports.page import PSEUDO_PHASES
from pipelines.serving.http.choices import Step
from pipelines.serving.http.pages import charts
from pipelines.serving.http.pages.view import Viewed

router = APIRouter()
_TIMES = ("p50_s", "p90_s", "p99_s", "max_s")
_PLACES = 8
Word = Annotated[str, Query(max_length=100)]


@router.get("/tail")
def tail(view: Viewed, kind: Word = "pod_create") -> Response:
    """Each phase's times, and its share of the tail."""
    if view.one_cluster() is None:
        return view.shown("nothing")
    if (kept := view.kept("percentiles", "long_tail", "kinds", "slowest_deliveries")) is not None:
        return kept
    reading = view.reading
    times = reading.rows("percentiles", scope=view.usual_scope, scope_value=None, kind=kind, phase=None, length=None, rows=2000)
    tails = {row["phase"]: row for row in reading.rows("long_tail") if row["kind"] == kind}
    kinds = [row["kind"] for row in reading.rows("kinds")]
    slowest = reading.rows("slowest_deliveries", kind=kind, rows=_PLACES * 2)
    phases = [row for row in times if row["phase"] not in PSEUDO_PHASES]
    whole = [row for row in times if row["phase"] in PSEUDO_PHASES]
    return view.shown("tail", kind=kind, kinds=kinds, phases=phases, whole=whole, tails=tails, slowest=slowest)


@router.get("/phase")
def phase(view: Viewed, kind: Word = "pod_create", phase: Word = "image_pull", length: Annotated[Step | None, Query()] = None) -> Response:
    """One phase: its percentiles over time, where it is slow, and the deliveries that it held up most."""
    if view.one_cluster() is None:
        return view.shown("nothing")
    if (kept := view.kept("percentiles", "long_tail", "slow_in_phase")) is not None:
        return kept
    reading = view.reading
    # Sketches are by the hour.
    step = charts.step_of(view.window(), length.value if length and length is not Step.MINUTE else "hour")
    over_time = reading.rows("percentiles", scope=view.usual_scope, scope_value=None, kind=kind, phase=phase, length=step, rows=2000)
    whole = reading.rows("percentiles", scope=view.usual_scope, scope_value=None, kind=kind, phase=phase, length=None, rows=1)
    places = {
        scope: reading.rows("percentiles", scope=scope, scope_value=None, kind=kind, phase=phase, length=None, rows=_PLACES)
        for scope in ("node", "workload", "namespace", "image")
    }
    tail = next((row for row in reading.rows("long_tail") if (row["kind"], row["phase"]) == (kind, phase)), None)
    slow = reading.rows("slow_in_phase", kind=kind, phase=phase, rows=_PLACES * 2)
    chart = charts.times(over_time, view.window(), step, _TIMES) if over_time else None
    said = {"kind": kind, "phase": phase, "whole": whole[0] if whole else None, "tail": tail, "step": step}
    return view.shown("phase", **said, chart=chart, over_time=over_time, places=places, slow=slow)
