"""The workspace: pages for people, from the same rows as the endpoints.

Every page has a URL of its own that says the cluster, the window and what is chosen. Pages are whole HTML: scripts add the theme,
shortcuts and what is shown on demand. Nothing is inline and nothing comes from elsewhere, so that the policy can be strict. Not here: the rows.
"""

from __future__ import annotations

from fastapi import APIRouter

from pipelines.serving.http.pages import board, clusters, errors, login, phases, pod, quality, search
from pipelines.serving.http.pages.view import problem

__all__ = ["problem", "router"]


def router() -> APIRouter:
    """All pages."""
    whole = APIRouter()
    for each in (clusters, board, errors, phases, pod, search, quality, login):
        whole.include_router(each.router)
    return whole
