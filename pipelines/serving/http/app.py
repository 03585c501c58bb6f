"""The application: endpoints, pages, static files, and what goes around every request.

Here: `application`. Around a request: who asks is found by `asking`; here its line of the trail, its headers, and its errors. Not here:
starting it (`serve`).
"""

from __future__ import annotations

import logging
import time
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.staticfiles import StaticFiles

from pipelines.errors import LorgnetteError
from pipelines.reports import html
from pipelines.serving.http import api, pages
from pipelines.serving.http.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from fastapi import Request, Response

    from pipelines.serving.http.server import Server

    Next = Callable[[Request], Awaitable[Response]]

_LOG = logging.getLogger(__name__)
_STATIC = "/static"
_HEALTH = "/healthz"
_GZIP_FROM_BYTES = 1024
# Of a page the highest level saves two bytes in a hundred, and costs twice the time.
_GZIP_LEVEL = 5
# Nothing comes from elsewhere, nothing is inline, and no other page may frame these.
_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_DESCRIPTION = (
    "How well does a Kubernetes cluster deliver containers? Rows come as JSON, CSV (`Accept: text/csv`) or an Arrow stream "
    "(`Accept: application/vnd.apache.arrow.stream`). Instants are UTC. An ETag changes only with the rows that an answer was made of."
)


def application(server: Server, hosts: Sequence[str] | None = None) -> FastAPI:
    """The application over one server.

    Args:
        server: What it serves.
        hosts: The only names by which it may be called; any if None. On loopback without tokens it keeps pages of other sites from asking.
    """
    app = FastAPI(
        title="Lorgnette",
        version=version("lorgnette"),
        description=_DESCRIPTION,
        openapi_url=f"{api.VERSION}/openapi.json",
        # Its pages would load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
    )
    app.state.server = server
    app.include_router(api.router())
    app.include_router(pages.router(), include_in_schema=False)
    app.add_api_route(_HEALTH, _health, include_in_schema=False)
    # The report's own styles: one look for both.
    app.add_api_route(f"{_STATIC}/report.css", lambda: FileResponse(html.STYLES, media_type="text/css"), include_in_schema=False)
    app.add_api_route(f"{_STATIC}/theme.js", lambda: FileResponse(html.THEME, media_type="text/javascript"), include_in_schema=False)
    app.mount(_STATIC, StaticFiles(directory=Path(__file__).with_name("static")), name="static")
    _add_errors(app)
    app.middleware("http")(_around)
    app.add_middleware(GZipMiddleware, minimum_size=_GZIP_FROM_BYTES, compresslevel=_GZIP_LEVEL)
    if hosts is not None:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)
    return app


def _health() -> JSONResponse:
    return JSONResponse({"status": "ok"})


async def _around(request: Request, call_next: Next) -> Response:
    """The line of the trail, and the headers that every answer has."""
    request.state.readings, request.state.caller, request.state.sql = [], None, None
    begun = time.monotonic()
    is_static = request.url.path.startswith(_STATIC)
    status = int(HTTPStatus.INTERNAL_SERVER_ERROR)
    try:
        response = await call_next(request)
        status = response.status_code
    finally:
        # What nobody foresaw is in the trail too.
        # A probe asks for nothing, every few seconds.
        if not is_static and request.url.path != _HEALTH:
            _write_line(request, status, time.monotonic() - begun)
    response.headers.update(_HEADERS)
    response.headers.setdefault("Cache-Control", "no-cache" if is_static else "private, no-cache")
    if not is_static:
        response.headers["Vary"] = "Accept, Authorization, Cookie"
    return response


def _write_line(request: Request, status: int, duration_s: float) -> None:
    server: Server = request.app.state.server
    server.journal.write(
        who=request.state.caller,
        address=request.client.host if request.client else None,
        method=request.method,
        path=request.url.path,
        asked=request.url.query,
        sql=request.state.sql,
        status=status,
        rows=sum(reading.read_rows for reading in request.state.readings),
        duration_s=round(duration_s, 4),
    )


def _add_errors(app: FastAPI) -> None:
    """Every error is a problem: for programs as JSON, for people as a page."""

    def is_for_programs(request: Request) -> bool:
        return request.url.path.startswith("/api/")

    def shown(request: Request, problem: Problem) -> Response:
        return problem.response() if is_for_programs(request) else pages.problem(request, problem)

    @app.exception_handler(LorgnetteError)
    def _of_ours(request: Request, error: LorgnetteError) -> Response:
        return shown(request, Problem.of(error))

    @app.exception_handler(RequestValidationError)
    def _of_parameters(request: Request, error: RequestValidationError) -> Response:
        return shown(request, Problem.of_parameters(error.errors()))

    @app.exception_handler(HTTPException)
    def _of_http(request: Request, error: HTTPException) -> Response:
        is_lost = error.status_code == HTTPStatus.NOT_FOUND and is_for_programs(request)
        remedy = "GET /api/v1/openapi.json lists what there is." if is_lost else None
        return shown(request, Problem(error.status_code, str(error.detail), request.url.path, remedy, dict(error.headers or {})))

    @app.exception_handler(Exception)
    def _unexpected(request: Request, error: Exception) -> Response:
        _LOG.error("Unexpected %s on %s", type(error).__name__, request.url.path, exc_info=error)
        return shown(
            request, Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong here", None, "The server's log says what; please report it.")
        )
