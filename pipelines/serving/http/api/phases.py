"""How long phases take: percentiles of any dimension and window, and the long tail."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from pipelines.serving.http.asking import Answering
from pipelines.serving.http.choices import MOST_ROWS, KindText, Rows, SketchScope, Step, Text
from pipelines.serving.http.documented import rows_of

router = APIRouter(tags=["phases"])
_ROW = {
    "cluster": "prod-eu-1",
    "bucket_at": None,
    "kind": "pod_create",
    "phase": "image_pull",
    "scope_value": "node-3",
    "count": 240,
    "avg_s": 3.1,
    "p50_s": 2.2,
    "p90_s": 6.8,
    "p99_s": 19.5,
    "max_s": 31.0,
}
_TAIL = {"kind": "pod_create", "phase": "image_pull", "level": 0.99, "tail_s": 21.4, "tail_share": 0.7, "middle_s": 1.9, "without_s": 11.2}


@router.get("/percentiles", summary="Percentiles of phases at any dimension and window", responses=rows_of(_ROW))
def percentiles(
    answer: Answering,
    scope: Annotated[
        SketchScope | None, Query(description="The dimension. Default: `cluster`, or `namespace` for whoever may see only some.")
    ] = None,
    scope_value: Text = None,
    kind: KindText = None,
    phase: Annotated[
        str | None, Query(max_length=100, pattern=r"^[^\x00]*$", description="A phase, or `total`, `platform`, `user`.", examples=["image_pull"])
    ] = None,
    length: Annotated[Step | None, Query(description="Per hour or day; the whole window in one if left out.")] = None,
    limit: Rows = MOST_ROWS,
) -> Response:
    """From the merged sketches, within 1 %; null where there are too few samples. Mean and extremes are exact. Hours count whole."""
    chosen = scope.value if scope else answer.asked.usual_scope
    return answer.rows(
        "percentiles", scope=chosen, scope_value=scope_value, kind=kind, phase=phase, length=length.value if length else None, rows=limit
    )


@router.get("/long-tail", summary="In which phases the slowest deliveries lose their time", responses=rows_of(_TAIL))
def long_tail(answer: Answering) -> Response:
    """Each phase in the deliveries of the tail against those around the median, and what the tail would be with the phase at its median. One cluster at a time."""
    answer.asked.must_be_one_cluster()
    return answer.rows("long_tail")


@router.get(
    "/slow-in-phase",
    summary="The deliveries that spent most time in one phase",
    responses=rows_of({"cluster": "prod-eu-1", "name": "web-0", "longest_s": 31.0}),
)
def slow_in_phase(
    answer: Answering,
    phase: Annotated[str, Query(max_length=100, pattern=r"^[^\x00]*$")] = "image_pull",
    kind: Annotated[str, Query(max_length=100, pattern=r"^[^\x00]*$")] = "pod_create",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """Longest first."""
    return answer.rows("slow_in_phase", kind=kind, phase=phase, rows=limit)
