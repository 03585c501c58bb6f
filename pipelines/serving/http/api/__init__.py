"""The endpoints of `/api/v1`: parameters in, rows out. Nothing is computed here."""

from __future__ import annotations

from fastapi import APIRouter

from pipelines.serving.http.api import clusters, deliveries, errors, phases, pods, slo, sql

VERSION = "/api/v1"


def router() -> APIRouter:
    """All endpoints."""
    whole = APIRouter(prefix=VERSION)
    for each in (clusters, slo, deliveries, pods, errors, phases, sql):
        whole.include_router(each.router)
    return whole
