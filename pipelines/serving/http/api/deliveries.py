"""Deliveries: searching them, page by page."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response

from pipelines.serving.http.asking import Answering
from pipelines.serving.http.choices import KindText, Text, Verdict
from pipelines.serving.http.documented import rows_of
from pipelines.serving.http.searching import Cursor, Wanted, search

router = APIRouter(tags=["deliveries"])
_ROW = {
    "cluster": "prod-eu-1",
    "delivery_id": "6a0f8d3c",
    "kind": "pod_create",
    "uid": "0f8fad5b-d9cb-469f-a165-70867728950e",
    "namespace": "shop",
    "name": "web-7d4b9c-x2x7p",
    "node": "node-3",
    "state": "failed",
    "started_at": "2026-11-23T07:12:04.123456Z",
    "total_s": 480.0,
    "error_code": "FailedMount",
    "fault": "platform",
    "failed_objectives": ["platform", "wall"],
}
_SEARCHED = ("search", "search_rows")


@router.get("/deliveries", summary="Search deliveries, newest first", responses=rows_of(_ROW, "One page", 400, next="WyIyMDI2LTExLTIzVDA3…"))
def deliveries(
    answer: Answering,
    uid: Annotated[str | None, Query(max_length=500, pattern=r"^[^\x00]*$", description="The pod's UID, or the delivery's id.")] = None,
    name: Annotated[str | None, Query(max_length=500, pattern=r"^[^\x00]*$", description="A part of the name.")] = None,
    namespace: Text = None,
    node: Text = None,
    image: Annotated[str | None, Query(max_length=500, pattern=r"^[^\x00]*$", description="A part of an image's name.")] = None,
    owner: Annotated[str | None, Query(max_length=500, pattern=r"^[^\x00]*$", description="The workload: `web` or `Deployment/web`.")] = None,
    code: Annotated[str | None, Query(max_length=500, pattern=r"^[^\x00]*$", description="The error code.", examples=["FailedMount"])] = None,
    kind: KindText = None,
    state: Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00]*$", description="`delivered`, `failed`, `killed` or `pending`.")] = None,
    fault: Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00]*$", description="`platform`, `capacity`, `user` or `unknown`.")] = None,
    verdict: Annotated[Verdict | None, Query(description="The verdict in `objective`, or in any but `sig_startup`.")] = None,
    objective: Text = None,
    cursor: Annotated[str | None, Query(max_length=500, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="Rows of a page.")] = 100,
) -> Response:
    """A page that is not the last says where the next one starts: in `next`, and as a `Link` header."""
    wanted = Wanted(uid, name, namespace, node, image, owner, code, kind, state, fault, verdict.value if verdict else None, objective)
    asked = answer.asked
    window = asked.window()
    start = Cursor.of(cursor) if cursor else None
    headers = {"ETag": asked.fresh(_SEARCHED, window, answer.form)}
    if asked.is_known(headers["ETag"]):
        return Response(status_code=304, headers=headers)
    page = search(asked, window, wanted, start, limit)
    if page.next:
        given = [(key, value) for key, value in asked.request.query_params.multi_items() if key not in {"cursor", "to"}]
        # The window's end is kept, so that pages do not overlap when the log goes on.
        rest = urlencode([*given, ("to", window.to_at.isoformat()), ("cursor", str(page.next))])
        headers["Link"] = f'<{asked.request.url.path}?{rest}>; rel="next"'
    more = {"from": window.from_at, "to": window.to_at, "next": str(page.next) if page.next else None}
    return answer.table(page.result, more, headers)
