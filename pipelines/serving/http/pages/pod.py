"""One pod: what became of it and why, where its time went, what it is made of, and everything that the log says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Response

from pipelines.serving.http import story
from pipelines.serving.http.api.pods import Uid
from pipelines.serving.http.pages.view import View, Viewed

if TYPE_CHECKING:
    from pipelines.reports.reading import Row
    from pipelines.serving.http.story import Background, Place

router = APIRouter()


@router.get("/pod")
def pod(view: Viewed, uid: Uid, *, whole: bool = False) -> Response:
    """The page of one object: its deliveries; what lies behind them comes when it is scrolled to, or at once if asked for."""
    found = _found(view, uid)
    if (kept := view.kept(*story.FIRST, *(story.BEHIND if whole else ()), of=found.window.around())) is not None:
        return kept
    deliveries = story.seen(view, found)
    behind = _said(story.background(view, found)) if whole else None
    return view.shown("pod", place=found, deliveries=deliveries, may_read_bodies=view.caller.scope.may_read_bodies, behind=behind, uid=uid)


@router.get("/pod/background")
def background(view: Viewed, uid: Uid) -> Response:
    """The part of an object's page that lies behind its deliveries: topology and timeline."""
    found = _found(view, uid)
    if (kept := view.kept(*story.BEHIND, of=found.window.around())) is not None:
        return kept
    return view.shown("background", place=found, behind=_said(story.background(view, found)))


def _found(view: View, uid: str) -> Place:
    found = story.place_of(view, uid)
    view.must_be(found.cluster)
    view.cluster = found.cluster
    return found


def _said(told: Background) -> dict[str, Any]:
    return {"makeup": told.makeup, "containers": _containers(told), "facts": told.facts}


def _containers(told: Background) -> list[Row]:
    """Each container with its image, what went wrong in it, and whether the diagnosis names it."""
    specs = {each["name"]: each for each in (told.makeup or {}).get("container_specs", [])}
    seen = {each["container"]: each for each in told.containers}
    named = {diagnosis["evidence_subject"] for diagnosis in told.diagnoses}
    blank = {"image": None, "pull_s": None, "is_pull_failed": False, "is_cached": None, "errors": 0, "warnings": 0, "restarts": None}
    blank |= {"last_state": None, "last_trouble": None}
    found = []
    for name in [*specs, *(each for each in seen if each not in specs)]:
        spec, facts = specs.get(name, {}), seen.get(name, blank)
        found.append(
            facts
            | {
                "name": name,
                "role": spec.get("role"),
                "image": spec.get("image") or facts["image"],
                "is_at_fault": name in named or facts["is_pull_failed"],
            }
        )
    return found
