"""The endpoints of `/api/v1`: parameters in, rows out. Nothing is computed here."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from fastapi.security import HTTPBearer

from pipelines.serving.http.api import clusters, deliveries, errors, phases, pods, slo, sql

VERSION = "/api/v1"
_BEARER = HTTPBearer(auto_error=False, description="A token of `lorgnette tokens add`; none is needed on loopback while there are none.")


def router() -> APIRouter:
    """All endpoints."""
    # Only said here: who asks is found by `asking`, which takes the cookie too.
    whole = APIRouter(prefix=VERSION, dependencies=[Depends(_BEARER)])
    for each in (clusters, slo, deliveries, pods, errors, phases, sql):
        whole.include_router(each.router)
    return whole
