"""What every page has: its cluster and window, links that keep them, and the templates.

Here: `View`. Not here: what a page says.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote, urlencode

import jinja2
from fastapi import Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.responses import Response as PlainResponse

from pipelines.reports import words
from pipelines.serving.http.asking import Asking, ClusterParameter, FromParameter, ToParameter
from pipelines.serving.http.reading import Window

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from fastapi import Response

    from pipelines.reports.reading import Row
    from pipelines.serving.http.problems import Problem

_TITLES = {
    "/slo": "SLO board",
    "/tail": "Long tail",
    "/errors": "Error clusters",
    "/history": "Error history",
    "/search": "Search",
    "/quality": "Data quality",
}


class Last(StrEnum):
    """How far a window reaches back from the end of the log."""

    HOUR = "1h"
    HOURS = "6h"
    DAY = "1d"
    WEEK = "7d"
    MONTH = "30d"

    @property
    def length(self) -> timedelta:
        """As a length."""
        number, unit = int(self.value[:-1]), self.value[-1]
        return timedelta(hours=number) if unit == "h" else timedelta(days=number)


LastParameter = Annotated[Last | None, Query()]


class View(Asking):
    """One request for a page."""

    def __init__(
        self,
        request: Request,
        cluster: ClusterParameter = None,
        from_: FromParameter = None,
        to: ToParameter = None,
        last: LastParameter = None,
    ) -> None:
        """Find out who asks, and about what."""
        # A form that leaves a field empty sends it all the same.
        super().__init__(request, cluster or None, from_, to)
        self.last = last
        self.cluster: str | None = cluster or None
        self._window: Window | None = None
        self._etag: str | None = None

    def one_cluster(self) -> str | None:
        """The cluster of a page that is about one: the first if none is said; None if there is none at all."""
        if self.cluster is None and self.clusters:
            self.cluster = self.clusters[0]
        if self.cluster is not None:
            self.must_be(self.cluster)
        return self.cluster

    def window(self, length: timedelta = Last.DAY.length) -> Window:
        """The window that is asked about."""
        if self._window is None:
            wanted = super().window(self.last.length if self.last else length)
            if self.last is None and self.asked_from is None:
                wanted = self._held(wanted)
            self._window = wanted
        return self._window

    def _held(self, window: Window) -> Window:
        """A window that nobody asked for does not begin before the log does."""
        starts = [first for first, _ in self.watermarks().values() if first is not None]
        begin = min(starts, default=window.from_at).replace(minute=0, second=0, microsecond=0)
        return Window(begin, window.to_at) if window.from_at < begin < window.to_at else window

    def link(self, path: str, **params: Any) -> str:  # noqa: ANN401 - values of any parameter
        """A link to another page about the same cluster and window, unless it says otherwise; what is None is left out."""
        kept = {"cluster": self.cluster, "from": self.request.query_params.get("from"), "to": self.request.query_params.get("to"), "last": self.last}
        if {"from_", "to"} & params.keys():
            kept |= {"from": None, "to": None, "last": None}
        given = kept | {("from" if key == "from_" else key): value for key, value in params.items()}
        said = [
            (key, value.isoformat().replace("+00:00", "Z") if hasattr(value, "isoformat") else str(value)) for key, value in given.items() if value
        ]
        return f"{path}?{urlencode(said)}" if said else path

    def here(self, **params: Any) -> str:  # noqa: ANN401 - values of any parameter
        """This page with some parameters changed."""
        given = dict(self.request.query_params) | {("from" if key == "from_" else key): value for key, value in params.items()}
        if "last" in params:
            given |= {"from": None, "to": None}
        given["cluster"] = given.get("cluster") or self.cluster
        said = [
            (key, value.isoformat().replace("+00:00", "Z") if hasattr(value, "isoformat") else str(value)) for key, value in given.items() if value
        ]
        return f"{self.request.url.path}?{urlencode(said)}" if said else self.request.url.path

    def part(self, path: str) -> str:
        """A part of this page, which comes on its own."""
        return f"{path}?{self.request.url.query}"

    def pod_link(self, row: Row) -> str:
        """The page of a delivery's object; it says when, so that only those hours are opened."""
        return f"/pod?{urlencode({'cluster': row['cluster'], 'uid': row['uid'] or row['delivery_id'], 'from': _iso(row['started_at']), 'to': _iso(row['started_at'] + timedelta(hours=1))})}"

    def shown(self, name: str, **said: Any) -> Response:  # noqa: ANN401 - whatever the template wants
        """A page."""
        page = _environment().get_template(f"{name}.html.j2").render(view=self, titles=_TITLES, lasts=list(Last), **said).encode()
        if self._etag is None:
            return HTMLResponse(page)
        self.server.pages.put(self._etag, page)
        return HTMLResponse(page, headers={"ETag": self._etag})

    def kept(self, *names: str, of: Window | None = None) -> Response | None:
        """This page as it was shown before, if nothing that its queries read in a window (the page's own) has changed since; None otherwise."""
        self._etag = self.fresh((*names, "reach"), of or self.window(), repr(self.all_clusters), str(self.server.callers.is_open))
        headers = {"ETag": self._etag}
        if self.is_known(self._etag):
            return PlainResponse(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        page = self.server.pages.get(self._etag)
        return None if page is None else HTMLResponse(page, headers=headers)


Viewed = Annotated[View, Depends(View)]


def problem(request: Request, told: Problem) -> Response:
    """A problem as a page; without a token, the way to the login."""
    if told.status == HTTPStatus.UNAUTHORIZED:
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/login?next={quote(asked, safe='')}", HTTPStatus.SEE_OTHER)
    text = _environment().get_template("problem.html.j2").render(problem=told)
    return HTMLResponse(text, told.status, told.headers)


def plain(name: str, status: HTTPStatus = HTTPStatus.OK, **said: Any) -> Response:  # noqa: ANN401 - whatever the template wants
    """A page that is about no cluster and shows no rows."""
    return HTMLResponse(_environment().get_template(f"{name}.html.j2").render(**said), status)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("pipelines.serving.http"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {each.__name__: each for each in words.FILTERS} | {"iso": _iso}
    environment.tests["missed"] = words.is_missed
    environment.globals |= {"objective_words": words.objective}
    return environment


def _iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def by(rows: list[Row], *names: str) -> Mapping[tuple[Any, ...], list[Row]]:
    """Rows by the values of some columns, in the order in which those first come."""
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(row[name] for name in names), []).append(row)
    return found
