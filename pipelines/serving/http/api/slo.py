"""The SLO over time, and why deliveries failed it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from pipelines.serving.http.asking import Answering
from pipelines.serving.http.choices import MOST_ROWS, KindText, Length, Rows, Text
from pipelines.serving.http.documented import rows_of

router = APIRouter(tags=["slo"])
_ROW = {
    "cluster": "prod-eu-1",
    "bucket_at": "2026-11-23T07:00:00Z",
    "kind": "pod_create",
    "objective": "platform",
    "scope": "cluster",
    "scope_value": "prod-eu-1",
    "total": 812,
    "success": 801,
    "fail": 9,
    "kill": 2,
    "pending": 0,
    "success_rate": 0.98889,
    "top_errors": ["FailedMount=6", "OOMKilled=3"],
}
_CAUSE = {"kind": "pod_create", "error_code": "FailedMount", "fault": "platform", "failures": 6, "nodes": 1}


@router.get("/slo", summary="Verdicts and rates per minute, hour, day or month", responses=rows_of(_ROW))
def series(
    answer: Answering,
    length: Length = Length.HOUR,
    kind: KindText = None,
    objective: Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00]*$", examples=["platform"])] = None,
    scope: Annotated[
        str | None,
        Query(
            max_length=100,
            pattern=r"^[^\x00]*$",
            description="`cluster`, `namespace`, `workload_kind` or `size_class`. Default: `cluster`, or `namespace` for whoever may see only some.",
        ),
    ] = None,
    scope_value: Text = None,
    limit: Rows = MOST_ROWS,
) -> Response:
    """Rows of `slo_minutely`, `slo_hourly`, `slo_daily` or `slo_monthly`; the last two with error budget and burn rates."""
    chosen = scope or answer.asked.usual_scope
    return answer.rows("slo_series", series=length.value, kind=kind, objective=objective, scope=chosen, scope_value=scope_value, rows=limit)


@router.get("/slo/causes", summary="Why deliveries failed an objective", responses=rows_of(_CAUSE))
def causes(answer: Answering, kind: KindText = None, objective: Text = None) -> Response:
    """Each error code with how many deliveries it failed, and on how many nodes."""
    return answer.rows("fail_causes", kind=kind, objective=objective)
