"""Why a query gets no answer: refused, failed, stopped at a limit, or nobody free to run it.

Here: the kinds, which HTTP turns into status codes. Not here: the words of each case, which are where the case is met (`gate`, `query`, `door`).
"""

from __future__ import annotations

from pipelines.errors import LorgnetteError


class QueryError(LorgnetteError):
    """A query that is refused or fails."""

    exit_code = 2


class RefusedError(QueryError):
    """The query asks for more than reading tables of the lake."""


class LimitError(QueryError):
    """The query reached a limit of time, memory or size and was stopped."""


class BusyError(QueryError):
    """All worker processes were busy with other queries for as long as a query may take."""
