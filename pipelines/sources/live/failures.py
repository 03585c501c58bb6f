"""What an API server refuses or fails to do, and how long to wait before asking again.

Here: `ApiFailureError` and `Patience`. Not here: what people are told of it (`problems`).
"""

from __future__ import annotations

from dataclasses import dataclass

_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _GONE, _BAD_REQUEST = 401, 403, 404, 410, 400
_TRANSIENT = (None, 408, 429, 500, 502, 503, 504)


class ApiFailureError(Exception):
    """A request that had no good answer.

    Args:
        code: The HTTP status, or that of an ERROR frame; None if there was no answer, or only a part of one.
        message: What the server said, or what went wrong.
        retry_after_s: How long the server asks to wait.
    """

    def __init__(self, code: int | None, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry_after_s = retry_after_s

    @property
    def is_transient(self) -> bool:
        """Whether asking again may help."""
        return self.code in _TRANSIENT

    @property
    def is_expired(self) -> bool:
        """Whether the server no longer knows the version that was asked for."""
        return self.code == _GONE

    @property
    def is_unknown_token(self) -> bool:
        """Whether the server does not take a continue token; other releases than the one that gave it say 400."""
        return self.code in {_GONE, _BAD_REQUEST}

    @property
    def is_unauthorized(self) -> bool:
        """Whether the server does not know who asks."""
        return self.code == _UNAUTHORIZED

    @property
    def is_forbidden(self) -> bool:
        """Whether who asks may not do it."""
        return self.code == _FORBIDDEN

    @property
    def is_not_served(self) -> bool:
        """Whether the server does not have the resource."""
        return self.code == _NOT_FOUND


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait before asking again.

    Args:
        first_wait_s: After the first failure; twice as long after each further one.
        longest_wait_s: No longer than this, but as long as the server asks for.
        longest_asked_s: A List is given up if the server asks to wait longer.
        attempts: So often a List is tried. A watch is tried until its time is over.
    """

    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0
    longest_asked_s: float = 300.0
    attempts: int = 10

    def wait_s(self, failures: int, failure: ApiFailureError | None = None) -> float:
        """Seconds to wait after so many failures in a row: as long as the server asks for, but never in a tight circle."""
        if failure is not None and failure.retry_after_s is not None:
            return max(failure.retry_after_s, self.first_wait_s)
        return min(self.first_wait_s * 2.0 ** min(failures - 1, 20), self.longest_wait_s)
