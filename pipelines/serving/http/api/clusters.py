"""Clusters, how far each has come, and how good its input is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response

from pipelines.serving.http.asking import Answering
from pipelines.serving.http.choices import MOST_ROWS, Rows, Text
from pipelines.serving.http.documented import rows_of
from pipelines.serving.http.reading import ALL_TIME

router = APIRouter(tags=["clusters"])
_CLUSTER = {"cluster": "prod-eu-1", "first_at": "2026-11-23T07:01:53Z", "watermark_at": "2026-11-23T08:14:02Z"}


@router.get(
    "/clusters",
    summary="The clusters that you may see, and what was read of each",
    responses=rows_of(_CLUSTER | {"files": 5, "lines": 35309, "quarantined": 0}),
)
def clusters(answer: Answering) -> Response:
    """Whoever may see only some namespaces gets the names and times only."""
    if answer.asked.scope.namespaces is None:
        return answer.rows("clusters", window=ALL_TIME)
    return answer.reach()


@router.get(
    "/lag",
    summary="How far behind each cluster's log is",
    responses=rows_of(_CLUSTER | {"newest_delivery_at": "2026-11-23T08:13:44Z", "lag_s": 312.5, "files": 5}),
)
def lag(answer: Answering) -> Response:
    """`lag_s` is from the newest instant of the sources to now: the only number here that the clock of the server enters."""
    return answer.rows("lag", is_cached=False, now_at=datetime.now(UTC))


_QUALITY = {
    "cluster": "prod-eu-1",
    "bucket_at": "2026-11-23T07:00:00Z",
    "measure": "clock_skew_ms",
    "scope": "node",
    "scope_value": "node-3",
    "value": 4200.0,
    "note": None,
}


@router.get("/quality", summary="The measures of the input, hour by hour", responses=rows_of(_QUALITY))
def quality(
    answer: Answering,
    measure: Text = None,
    noted: Annotated[bool, Query(description="Only what has something to know.")] = False,  # noqa: FBT002 - a parameter of a URL
    limit: Rows = MOST_ROWS,
) -> Response:
    """Rows of `data_quality_hourly`."""
    return answer.rows("quality_hours", measure=measure, noted=noted, rows=limit)


@router.get(
    "/coverage", summary="What the log can tell, hour by hour", responses=rows_of({"cluster": "prod-eu-1", "fact": "pod_bound", "is_covered": True})
)
def coverage(answer: Answering, limit: Rows = MOST_ROWS) -> Response:
    """Rows of `coverage`."""
    return answer.rows("coverage_hours", rows=limit)
