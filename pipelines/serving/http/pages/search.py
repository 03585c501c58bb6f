"""Searching deliveries; the field in every page's head leads here, and on to the pod if it is the only one."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse

from pipelines.serving.http.choices import Text
from pipelines.serving.http.pages.view import Last, Viewed
from pipelines.serving.http.searching import Cursor, Wanted, search

router = APIRouter()
_UID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}")
_ROWS = 50


@router.get("/search")
def found(
    view: Viewed,
    q: Text = None,
    name: Text = None,
    namespace: Text = None,
    node: Text = None,
    image: Text = None,
    owner: Text = None,
    code: Text = None,
    kind: Text = None,
    state: Text = None,
    verdict: Text = None,
    objective: Text = None,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """Deliveries that match, newest first."""
    asked = (q or "").strip()
    given = Wanted(None, name, namespace, node, image, owner, code, kind, state, None, verdict, objective)
    wanted = Wanted(**{key: value or None for key, value in _of_query(asked, given).items()})
    window = view.window(Last.MONTH.length)
    page = search(view, window, wanted, Cursor.of(cursor) if cursor else None, _ROWS)
    rows = page.result.table.to_pylist()
    if asked and not cursor:
        objects = {(row["cluster"], row["uid"] or row["delivery_id"]) for row in rows}
        if len(objects) == 1:
            return RedirectResponse(view.pod_link(rows[-1]), HTTPStatus.SEE_OTHER)
    return view.shown("search", rows=rows, wanted=wanted, q=asked, next=str(page.next) if page.next else None)


def _of_query(asked: str, given: Wanted) -> dict[str, str | None]:
    """What was typed: a UID, `namespace/name`, or a part of a name."""
    values = {name: getattr(given, name) for name in given.__slots__}
    if not asked:
        return values
    if _UID.fullmatch(asked):
        return values | {"uid": asked}
    namespace, slash, name = asked.rpartition("/")
    return values | ({"namespace": namespace, "name": name} if slash else {"name": asked})
