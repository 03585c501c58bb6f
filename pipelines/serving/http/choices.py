"""The words that parameters may be: shared by the endpoints and the pages."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from fastapi import Query

MOST_ROWS = 10_000
_TEXT = 500


class Length(StrEnum):
    """How long a bucket of the SLO is."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


class Step(StrEnum):
    """How long a bucket of a history is."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


class Dimension(StrEnum):
    """What errors may gather at."""

    NODE = "node"
    NAMESPACE = "namespace"
    WORKLOAD = "workload"
    IMAGE = "image"
    ZONE = "zone"
    KUBELET_VERSION = "kubelet_version"


class SketchScope(StrEnum):
    """What percentiles may be about."""

    CLUSTER = "cluster"
    NAMESPACE = "namespace"
    NODE = "node"
    WORKLOAD = "workload"
    SIZE_CLASS = "size_class"
    IMAGE = "image"


class Verdict(StrEnum):
    """What may become of a delivery."""

    SUCCESS = "SUCCESS"
    FAIL = "FAIL"
    KILL = "KILL"
    PENDING = "PENDING"


# DuckDB takes no zero byte in a text.
Text = Annotated[str | None, Query(max_length=_TEXT, pattern=r"^[^\x00]*$")]
Rows = Annotated[int, Query(ge=1, le=MOST_ROWS, description="Rows at most.")]
KindText = Annotated[
    str | None,
    Query(max_length=_TEXT, pattern=r"^[^\x00]*$", description="`pod_create`, `pod_delete`, `pod_upgrade` or `pvc_bind`.", examples=["pod_create"]),
]
