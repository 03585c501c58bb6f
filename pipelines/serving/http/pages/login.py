"""Logging in: the token goes into a cookie that scripts cannot read and other sites cannot send."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from pipelines.serving.http.callers import COOKIE
from pipelines.serving.http.pages.view import plain
from pipelines.serving.http.problems import HttpError

router = APIRouter()
_MONTH_S = 30 * 86_400
_MOST_BYTES = 10_000


@router.get("/login")
def form(next: str = "/") -> Response:  # noqa: A002 - a parameter of a URL
    """The form."""
    return plain("login", next=_of_ours(next), error=None)


@router.post("/login")
async def log_in(request: Request) -> Response:
    """Check the token and set the cookie."""
    body = (await request.body())[:_MOST_BYTES]
    given = {key: values[0] for key, values in parse_qs(body.decode("utf-8", "replace")).items()}
    then = _of_ours(given.get("next", "/"))
    try:
        caller = request.app.state.server.callers.known(given.get("token", "").strip(), request.client.host if request.client else "unknown")
    except HttpError as error:
        return plain("login", HTTPStatus(error.status), next=then, error=error)
    request.state.caller = caller.name
    response = RedirectResponse(then, HTTPStatus.SEE_OTHER)
    response.set_cookie(
        COOKIE, given["token"].strip(), max_age=_MONTH_S, path="/", httponly=True, samesite="strict", secure=request.url.scheme == "https"
    )
    return response


@router.post("/logout")
def log_out() -> Response:
    """Forget the token in this browser."""
    response = RedirectResponse("/login", HTTPStatus.SEE_OTHER)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return response


def _of_ours(path: str) -> str:
    """A path of this server: nobody is sent elsewhere."""
    is_plain = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    return path if is_plain else "/"
