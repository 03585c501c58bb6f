"""Why a query gets no answer: refused, failed, stopped at a limit, or nobody free to run it.

Here: the kinds, which HTTP turns into status codes. Not here: the words of each case, which are where the case is met (`gate`, `query`, `workers`), but
for what several places meet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.errors import LorgnetteError

if TYPE_CHECKING:
    from pipelines.serving.limits import Limits


class QueryError(LorgnetteError):
    """A query that is refused or fails."""

    exit_code = 2


class RefusedError(QueryError):
    """The query asks for more than reading tables of the lake."""


class LimitError(QueryError):
    """The query reached a limit of time, memory or size and was stopped."""


class BusyError(QueryError):
    """All worker processes were busy with other queries for as long as a query may take."""


def too_long(limits: Limits) -> LimitError:
    """The error of a query that was stopped at the limit of time."""
    return LimitError(f"The query took longer than {limits.timeout_s:g} s", remedy="Narrow it by time or cluster, or aggregate an hourly table.")


def too_big(limits: Limits) -> LimitError:
    """The error of a query that was stopped at the limit of memory."""
    return LimitError(f"The query needs more than {limits.memory_limit} of memory", remedy="Narrow it by time or cluster, or select fewer columns.")
