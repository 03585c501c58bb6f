"""One pod: what became of it and why, its HyperEvents, and with the right to bodies its YAML and the raw audit events."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Annotated, Any

import yaml
from fastapi import APIRouter, Query, Response
from pydantic_core import to_json

from pipelines.serving.http import story
from pipelines.serving.http.asking import Answering, Asked
from pipelines.serving.http.choices import Text
from pipelines.serving.http.documented import json_of, problems, rows_of
from pipelines.serving.http.problems import HttpError
from pipelines.serving.http.reading import ALL_TIME

router = APIRouter(tags=["pods"])
YAML = "application/yaml"
Uid = Annotated[
    str,
    Query(
        min_length=1,
        max_length=500,
        pattern=r"^[^\x00]*$",
        description="The pod's UID, or the id of one of its deliveries.",
        examples=["0f8fad5b-d9cb-469f-a165-70867728950e"],
    ),
]
_STORY_TABLES = ("explain_deliveries", "explain_verdicts", "waterfall_phases", "explain_diagnoses", "explain_phases", "pod_timeline", "pods")
_PLACE = {"cluster": "prod-eu-1", "uid": "0f8fad5b", "namespace": "shop", "name": "web-0", "first_at": "2026-11-23T07:12:04Z", "deliveries": 2}
_FACT = {
    "fact_at": "2026-11-23T07:12:09.5Z",
    "operation": "event:FailedMount",
    "subject": "data",
    "severity": "warning",
    "message": "MountVolume.SetUp failed",
}
_AUDIT = {"stage_at": "2026-11-23T07:12:04.2Z", "verb": "create", "code": 201, "user": "system:serviceaccount:kube-system:replicaset-controller"}


@router.get("/pods", summary="The pods that a name stands for", responses=rows_of(_PLACE))
def pods(
    answer: Answering, name: Annotated[str, Query(min_length=1, max_length=500, pattern=r"^[^\x00]*$", examples=["web-0"])], namespace: Text = None
) -> Response:
    """Names are used again, so there may be several; the newest first. Over all time unless `from` and `to` say otherwise."""
    asked = answer.asked
    window = ALL_TIME if asked.asked_from is None and asked.asked_to is None else asked.window()
    return answer.rows("pod_places", window=window, uid=None, name=name, namespace=namespace)


@router.get(
    "/pod",
    summary="One pod: deliveries, verdicts, phases, diagnoses, containers",
    responses=json_of({"pod": _PLACE, "deliveries": []}, "The pod", 404),
)
def pod(asked: Asked, uid: Uid) -> Response:
    """`explanations` say why, with the decisive HyperEvent, where it stands in the sources, and what would have changed a verdict."""
    etag = asked.fresh(_STORY_TABLES, story.place_of(asked, uid).window.around())
    if asked.is_known(etag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": etag})
    told = story.read(asked, story.place_of(asked, uid), uid)
    body = {
        "pod": told.place.row,
        "makeup": told.background.makeup,
        "containers": told.background.containers,
        "deliveries": [
            {
                "delivery": each.delivery,
                "verdicts": [judged.verdict | {"would_have_changed_it": judged.changes} for judged in each.verdicts],
                "phases": each.phases,
                "milestones": each.milestones,
                "diagnoses": each.diagnoses,
                "stretches": [bar.phase for lane in each.drawing.lanes for bar in lane.bars],
            }
            for each in told.deliveries
        ],
    }
    return Response(to_json(body, inf_nan_mode="null", serialize_unknown=True), media_type="application/json", headers={"ETag": etag})


@router.get("/pod/timeline", summary="The HyperEvents of one pod", responses=rows_of(_FACT))
def timeline(answer: Answering, uid: Uid) -> Response:
    """Everything that any source says about it, in order, with the line of the log that says so."""
    return _about(answer, uid, "pod_timeline")


@router.get(
    "/pod/versions",
    summary="The versions of a pod that the log shows",
    responses=rows_of({"observed_at": "2026-11-23T07:12:04Z", "resource_version": 4711, "verb": "create"}),
)
def versions(answer: Answering, uid: Uid) -> Response:
    """Without their bodies."""
    return _about(answer, uid, "pod_versions")


@router.get(
    "/pod/yaml",
    summary="One version of a pod as YAML",
    responses={200: {"description": "The object", "content": {YAML: {"schema": {"type": "string"}}}}, **problems(403)},
)
def as_yaml(
    asked: Asked, uid: Uid, resource_version: Annotated[int | None, Query(ge=0, le=2**63 - 1, description="The newest if left out.")] = None
) -> Response:
    """Needs the right to bodies."""
    asked.must_read_bodies()
    found = body_of(asked, uid, resource_version)
    return Response(yaml.safe_dump(json.loads(found["body"]), sort_keys=False, allow_unicode=True), media_type=YAML)


@router.get("/pod/audit", summary="The audit events about one pod, as they were logged", responses=rows_of(_AUDIT, "The audit events", 403))
def audit(answer: Answering, uid: Uid, limit: Annotated[int, Query(ge=1, le=1000)] = 200) -> Response:
    """Needs the right to bodies."""
    answer.asked.must_read_bodies()
    place = story.place_of(answer.asked, uid)
    answer.asked.must_be(place.cluster)
    return answer.rows("pod_audit", window=place.window.around(), uid=place.uid, namespace=place.row["namespace"], name=place.row["name"], rows=limit)


@router.get("/audit-event", summary="One audit event by its auditID", responses=rows_of(_AUDIT, "Its stages", 403))
def audit_event(
    answer: Answering, audit_id: Annotated[str, Query(min_length=1, max_length=500, pattern=r"^[^\x00]*$", alias="id", description="The auditID.")]
) -> Response:
    """Needs the right to bodies. Over the last day that is known unless `from` and `to` say otherwise."""
    answer.asked.must_read_bodies()
    return answer.rows("raw_audit", audit_id=audit_id)


def body_of(asked: Asked, uid: str, resource_version: int | None) -> dict[str, Any]:
    """A version of an object with its body.

    Raises:
        HttpError: The log does not show it.
    """
    place = story.place_of(asked, uid)
    asked.must_be(place.cluster)
    rows = asked.reading_of(place.window.around()).rows("pod_body", uid=place.uid, resource_version=resource_version)
    if not rows or rows[0]["body"] is None:
        raise HttpError(
            HTTPStatus.NOT_FOUND,
            f"The log shows no such version of {uid}",
            remedy="GET /api/v1/pod/versions lists those that it shows; none at the level Metadata.",
        )
    return rows[0]


def _about(answer: Answering, uid: str, name: str) -> Response:
    place = story.place_of(answer.asked, uid)
    answer.asked.must_be(place.cluster)
    return answer.rows(name, window=place.window.around(), uid=place.uid)
