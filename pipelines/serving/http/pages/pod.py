"""One pod: what became of it and why, where its time went, what it is made of, and everything that the log says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Response

from pipelines.serving.http import story
from pipelines.serving.http.api.pods import Uid
from pipelines.serving.http.pages.view import Viewed

if TYPE_CHECKING:
    from pipelines.reports.reading import Row
    from pipelines.serving.http.story import Story

router = APIRouter()


@router.get("/pod")
def pod(view: Viewed, uid: Uid) -> Response:
    """The page of one object."""
    found = story.place_of(view, uid)
    view.must_be(found.cluster)
    view.cluster = found.cluster
    if (kept := view.kept(*story.QUERIES, of=found.window.around())) is not None:
        return kept
    told = story.seen(view, found)
    return view.shown("pod", told=told, containers=_containers(told), may_read_bodies=view.caller.scope.may_read_bodies)


def _containers(told: Story) -> list[Row]:
    """Each container with its image, what went wrong in it, and whether the diagnosis names it."""
    specs = {each["name"]: each for each in (told.makeup or {}).get("container_specs", [])}
    seen = {each["container"]: each for each in told.containers}
    named = {diagnosis["evidence_subject"] for each in told.deliveries for diagnosis in each.diagnoses}
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
