"""Who is asking: a bearer token, from the header or from the cookie that the login page sets.

Here: the caller of a request, and how often a caller may ask. Not here: tokens (`tokens`), and what becomes of a request (`asking`).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from pipelines.serving.http.problems import HttpError
from pipelines.serving.scope import EVERYTHING

if TYPE_CHECKING:
    from starlette.requests import Request

    from pipelines.serving.http.tokens import TokenFile
    from pipelines.serving.scope import Scope

COOKIE = "lorgnette_token"
LOCAL = "local"
_FAILURES_PER_MINUTE = 20
_MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking, and what they may see."""

    name: str
    scope: Scope


class Callers:
    """Finds the caller of each request, and counts."""

    def __init__(self, tokens: TokenFile, per_minute: int, *, must_have_tokens: bool = False) -> None:
        """Begin.

        Args:
            tokens: Who may ask. While there are none, whoever reaches the server may: it then listens on loopback only.
            per_minute: Requests of one token, or of one address, in a minute.
            must_have_tokens: Whether nobody may ask while there are no tokens: the last one may be revoked while the server listens to others.
        """
        self._tokens, self._must_have_tokens = tokens, must_have_tokens
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._each, self._failures = RateLimitItemPerMinute(per_minute), RateLimitItemPerMinute(_FAILURES_PER_MINUTE)

    @property
    def is_open(self) -> bool:
        """Whether no token is needed."""
        return not self._must_have_tokens and not self._tokens.tokens()

    def of(self, request: Request) -> Caller:
        """The caller.

        Raises:
            HttpError: No token, a wrong one, or too many requests.
        """
        address = request.client.host if request.client else "unknown"
        if self.is_open:
            self._count(self._each, f"address {address}")
            return Caller(LOCAL, EVERYTHING)
        secret = _secret(request)
        if secret is None:
            self._count(self._each, f"address {address}")
            raise _unauthorized(
                "A token is needed", "Send `Authorization: Bearer <token>`, or log in at /login; `lorgnette tokens add NAME` makes one."
            )
        return self.known(secret, address)

    def known(self, secret: str, address: str) -> Caller:
        """The caller with a token.

        Raises:
            HttpError: There is no such token, or too many requests.
        """
        token = self._tokens.find(secret)
        if token is None:
            # Only wrong ones are held up: others may come from the same address.
            self._count(self._failures, f"failures {address}")
            raise _unauthorized("The token is not known", "It may have been revoked; `lorgnette tokens list` shows which there are.")
        self._count(self._each, f"token {token.name}")
        return Caller(token.name, token.scope)

    def _count(self, limit: RateLimitItemPerMinute, key: str) -> None:
        if not self._limiter.hit(limit, key):
            raise self._too_many(limit, key)

    def _too_many(self, limit: RateLimitItemPerMinute, key: str) -> HttpError:
        reset_at = self._limiter.get_window_stats(limit, key).reset_time
        return HttpError(
            HTTPStatus.TOO_MANY_REQUESTS,
            f"More than {limit.amount} requests in a minute",
            remedy="Wait as long as Retry-After says, in seconds.",
            headers={"Retry-After": str(min(_MINUTE_S, max(1, int(reset_at - time.time()) + 1)))},
        )


def _secret(request: Request) -> str | None:
    header = request.headers.get("authorization")
    if header is not None:
        scheme, _, secret = header.partition(" ")
        return secret.strip() if scheme.lower() == "bearer" else ""
    return request.cookies.get(COOKIE)


def _unauthorized(what: str, remedy: str) -> HttpError:
    return HttpError(HTTPStatus.UNAUTHORIZED, what, remedy=remedy, headers={"WWW-Authenticate": 'Bearer realm="lorgnette"'})
