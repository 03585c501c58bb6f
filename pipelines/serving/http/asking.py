"""One request for rows: who asks, about which clusters and hours, in which form; and the answer with its ETag.

Here: `Asking`, which every endpoint and page gets. Not here: the endpoints (`api`) and the pages (`pages`).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any

import pyarrow as pa
from fastapi import Depends, Query, Request, Response

from lake_schema.model import INSTANT
from pipelines.serving.http.formats import Form, chosen, response
from pipelines.serving.http.freshness import is_known
from pipelines.serving.http.problems import HttpError
from pipelines.serving.http.reading import HOUR, Reading, Window
from pipelines.serving.http.statements import SERIES, tables
from pipelines.serving.limits import QueryResult
from pipelines.serving.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipelines.serving.http.callers import Caller
    from pipelines.serving.http.server import Reach, Server

DAY = timedelta(days=1)
_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class Asking:
    """One request."""

    def __init__(self, request: Request, cluster: str | None, from_: datetime | None, to: datetime | None) -> None:
        self.request = request
        self.server: Server = request.app.state.server
        self.caller: Caller = self.server.callers.of(request)
        request.state.caller = self.caller.name
        self.asked_from, self.asked_to = _utc(from_), _utc(to)
        self.all_clusters = self.server.clusters(self.caller.scope)
        self.clusters = self.all_clusters if cluster is None else self._only(cluster)
        self._reading: Reading | None = None

    @property
    def scope(self) -> Scope:
        """What the caller may see of the clusters that are asked about."""
        mine = self.caller.scope
        return Scope(tuple(self.clusters), mine.namespaces, mine.may_read_bodies)

    @property
    def reading(self) -> Reading:
        """The rows of the window that is asked about."""
        if self._reading is None:
            self._reading = self.reading_of(self.window())
        return self._reading

    def reading_of(self, window: Window) -> Reading:
        """The rows of a window."""
        reading = Reading(self.server.door, self.scope, window, self.clusters[0] if len(self.clusters) == 1 else "")
        self.request.state.readings.append(reading)
        return reading

    def watermarks(self) -> dict[str, Reach]:
        """The first and the last instant of each cluster's sources. Whoever may see a part of a cluster may know how far its log goes."""
        return self.server.reach(self.clusters)

    def uris(self, source_ids: Iterable[str | None]) -> dict[str, str | None]:
        """Where source files are, as far as the caller may know."""
        return self.server.uris(self.scope, {each for each in source_ids if each is not None})

    def window(self, length: timedelta = DAY) -> Window:
        """The window that is asked about; up to the end of the last hour that is known, and so long, where nothing is said.

        Raises:
            HttpError: It ends before it begins.
        """
        from_at, to_at = self.asked_from, self.asked_to
        if to_at is None:
            known = [last for _, last in self.watermarks().values() if last is not None]
            end = max(known, default=_FIRST + length)
            to_at = end.replace(minute=0, second=0, microsecond=0) + HOUR
            if from_at is not None and from_at >= to_at:
                to_at = from_at + HOUR
        if from_at is None:
            from_at = max(_FIRST, to_at - length) if to_at > _FIRST else to_at
        if from_at >= to_at:
            raise HttpError(HTTPStatus.UNPROCESSABLE_ENTITY, "The window ends before it begins", remedy="Give `from` before `to`.")
        return Window(from_at, to_at)

    @property
    def usual_scope(self) -> str:
        """The scope whose rows the caller sees: the whole cluster's, or those of namespaces for whoever may see only some."""
        return "cluster" if self.caller.scope.namespaces is None else "namespace"

    def must_be_one_cluster(self) -> str:
        """The cluster that is asked about.

        Raises:
            HttpError: There are several.
        """
        if len(self.clusters) != 1:
            raise HttpError(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "This is about one cluster at a time",
                remedy=f"Give `cluster`: one of {', '.join(self.clusters)}." if self.clusters else "There is none that you may see.",
            )
        return self.clusters[0]

    def must_be(self, cluster: str) -> None:
        """From here on this is about one cluster: what was looked for is there."""
        self.clusters, self._reading = [cluster], None

    def must_read_bodies(self) -> None:
        """Refuse who may not read bodies.

        Raises:
            HttpError: The caller may not.
        """
        if not self.caller.scope.may_read_bodies:
            raise HttpError(
                HTTPStatus.FORBIDDEN,
                "This token may not read bodies",
                remedy="Ask whoever runs this server for a token made with `lorgnette tokens add NAME --bodies`.",
            )

    def fresh(self, names: tuple[str, ...], window: Window, *asked: str) -> str:
        """The ETag of an answer from some queries."""
        read = frozenset().union(*(tables(name) for name in names))
        url = f"{self.request.url.path}?{self.request.url.query}"
        return self.server.etag(read, self.clusters, window, url, repr(self.scope), f"{window.from_at} {window.to_at}", *asked)

    def is_known(self, etag: str) -> bool:
        """Whether the caller has it already."""
        return is_known(etag, self.request.headers.get("if-none-match"))

    def _only(self, cluster: str) -> list[str]:
        if cluster not in self.all_clusters:
            raise HttpError(HTTPStatus.NOT_FOUND, f"There is no cluster {cluster} that you may see", remedy="GET /api/v1/clusters lists them.")
        return [cluster]


def _utc(at: datetime | None) -> datetime | None:
    """UTC unless it says otherwise, and within what a lake can hold."""
    if at is None:
        return None
    moment = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    if moment.year < _FIRST.year + 1 or moment.year >= _LAST.year:
        raise HttpError(HTTPStatus.UNPROCESSABLE_ENTITY, f"{at} is no time that a log can hold", remedy="Give a time between 1971 and 2199.")
    return moment.astimezone(UTC)


ClusterParameter = Annotated[str | None, Query(description="The cluster; all that you may see if left out.", examples=["prod-eu-1"])]
FromParameter = Annotated[
    datetime | None, Query(alias="from", description="Start of the window, UTC unless it says otherwise. Default: a day before its end.")
]
ToParameter = Annotated[datetime | None, Query(description="End of the window (exclusive). Default: the end of the last hour that is known.")]


def asking(request: Request, cluster: ClusterParameter = None, from_: FromParameter = None, to: ToParameter = None) -> Asking:
    """The request of an endpoint."""
    return Asking(request, cluster, from_, to)


Asked = Annotated[Asking, Depends(asking)]
FormParameter = Annotated[Form | None, Query(alias="format", description="The form of the answer; else as `Accept` says.")]


class Answer:
    """Gives the rows of a query, in the form that is asked for, or says that they are unchanged."""

    def __init__(self, asked: Asked, form: FormParameter = None) -> None:
        self.asked = asked
        self.form = chosen(form, asked.request.headers.get("accept"))

    def rows(self, name: str, /, *, window: Window | None = None, series: str = "hour", is_cached: bool = True, **params: Any) -> Response:  # noqa: ANN401 - values of any parameter
        """The rows of a query as the whole answer.

        Args:
            name: The query.
            window: Its window; the one that is asked about if left out.
            series: Which table of the SLO a query of `series` reads.
            is_cached: Whether it depends on nothing but the lake and the request.
            params: The query's parameters.
        """
        reading = self.asked.reading if window is None else self.asked.reading_of(window)
        headers: dict[str, str] = {}
        if is_cached:
            read = SERIES[series] if name.startswith("slo_") else ""
            headers["ETag"] = self.asked.fresh((name,), reading.window, self.form, read)
            if self.asked.is_known(headers["ETag"]):
                return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return response(reading.result(name, series=series, **params), self.form, self._said(reading.window), headers)

    def table(self, result: Any, more: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:  # noqa: ANN401 - a QueryResult
        """Rows that were put together otherwise."""
        return response(result, self.form, more, headers or {})

    def reach(self) -> Response:
        """The names of the clusters and how far their logs go."""
        times = self.asked.watermarks()
        schema = pa.schema([("cluster", pa.string()), ("first_at", INSTANT), ("watermark_at", INSTANT)])
        rows = [{"cluster": name, "first_at": first, "watermark_at": last} for name, (first, last) in times.items()]
        return self.table(QueryResult(pa.Table.from_pylist(rows, schema), is_cut=False), {})

    @staticmethod
    def _said(window: Window) -> dict[str, Any]:
        return {"from": window.from_at, "to": window.to_at}


Answering = Annotated[Answer, Depends(Answer)]
