"""What went wrong, as RFC 9457 problems: a title, where, and the remedy.

Here: errors to status codes, and their bodies. Not here: how a page shows them (`pages`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.responses import JSONResponse

from pipelines.errors import LorgnetteError
from pipelines.serving.errors import BusyError, LimitError, QueryError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapi import Response

MEDIA_TYPE = "application/problem+json"
_BUSY_S = 1


class HttpError(LorgnetteError):
    """An error with a status code of its own.

    Args:
        status: The status code.
        what: One sentence.
        remedy: What to do next.
        headers: Headers that go with it.
    """

    def __init__(self, status: HTTPStatus, what: str, *, remedy: str | None = None, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(what, remedy=remedy)
        self.status = status
        self.headers = dict(headers or {})


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, ready to be shown."""

    status: int
    title: str
    detail: str | None = None
    remedy: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, error: LorgnetteError) -> Problem:
        """An error with its status code: what the caller can put right is 4xx."""
        if isinstance(error, HttpError):
            return cls(error.status, error.what, error.where, error.remedy, error.headers)
        headers: dict[str, str] = {}
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        if isinstance(error, BusyError):
            status, headers = HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": str(_BUSY_S)}
        elif isinstance(error, LimitError):
            status = HTTPStatus.UNPROCESSABLE_ENTITY
        elif isinstance(error, QueryError):
            status = HTTPStatus.BAD_REQUEST
        return cls(status, error.what, error.where, error.remedy, headers)

    @classmethod
    def of_parameters(cls, errors: Sequence[Mapping[str, Any]]) -> Problem:
        """Parameters that are not understood."""
        said = [f"{'.'.join(str(part) for part in each['loc'][1:]) or each['loc'][0]}: {each['msg']}" for each in errors]
        return cls(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "The request is not understood",
            "; ".join(said),
            "Correct these parameters; /api/v1/openapi.json describes all.",
        )

    def response(self) -> Response:
        """As `application/problem+json`."""
        body = {"type": "about:blank", "title": self.title, "status": int(self.status), "detail": self.detail, "remedy": self.remedy}
        return JSONResponse({key: value for key, value in body.items() if value is not None}, self.status, self.headers, media_type=MEDIA_TYPE)
