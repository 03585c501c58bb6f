"""Where error codes gather, and when they struck."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from pipelines.serving.http.asking import Answering
from pipelines.serving.http.choices import MOST_ROWS, Dimension, KindText, Rows, Step, Text
from pipelines.serving.http.documented import rows_of

router = APIRouter(tags=["errors"])
_CELL = {
    "value": "node-3",
    "error_code": "FailedMount",
    "fault": "platform",
    "failures": 6,
    "exposure": 40,
    "rate": 0.15,
    "rate_elsewhere": 0.001,
    "first_at": "2026-11-23T07:12:04Z",
    "last_at": "2026-11-23T07:40:11Z",
}
_BUCKET = {
    "bucket_at": "2026-11-23T07:00:00Z",
    "kind": "pod_create",
    "error_code": "FailedMount",
    "fault": "platform",
    "deliveries": 6,
    "exposure": 812,
    "rate": 0.0074,
}


@router.get("/error-clusters", summary="Error codes by node, or by another dimension", responses=rows_of(_CELL))
def clusters(
    answer: Answering,
    dimension: Dimension = Dimension.NODE,
    kind: Annotated[str, Query(max_length=100, pattern=r"^[^\x00]*$")] = "pod_create",
    code: Text = None,
    values: Annotated[int, Query(ge=1, le=1000, description="Values of the dimension at most, those with most failures.")] = 100,
    codes: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """How many of a value's deliveries each code explains, against its rate elsewhere."""
    return answer.rows("error_matrix", dimension=dimension.value, kind=kind, code=code, values=values, codes=codes)


@router.get("/error-history", summary="Counts and rates of each error code over time", responses=rows_of(_BUCKET))
def history(
    answer: Answering,
    length: Step = Step.HOUR,
    kind: KindText = None,
    code: Text = None,
    node: Text = None,
    namespace: Text = None,
    limit: Rows = MOST_ROWS,
) -> Response:
    """By the start of the deliveries; the rate is the share of all deliveries of the kind that started in the bucket."""
    return answer.rows("error_history", length=length.value, kind=kind, code=code, node=node, namespace=namespace, rows=limit)
