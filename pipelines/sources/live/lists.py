"""Lists, page by page: a consistent picture of one resource at one version.

Here: `Lister`. Not here: what is done with the pages (`collection`), and following what changes after them (`watches`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipelines.sources.live.failures import ApiFailureError
from pipelines.sources.live.frames import Page, read_page

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from datetime import datetime

    from pipelines.sources.live.api import Api
    from pipelines.sources.live.failures import Patience
    from pipelines.sources.live.resources import Target
    from pipelines.sources.live.told import Told

# The last try asks for everything at once: a List that takes longer than the server keeps its version would never end by pages.
_RESTARTS = 3


@dataclass(frozen=True, slots=True)
class Listed:
    """A whole List.

    Args:
        target: What was listed.
        observed_at: When its version was certainly so: the arrival of its first page, for all pages show that version.
        resource_version: The version; a watch goes on from here.
        names: Name by UID of everything in it.
    """

    target: Target
    observed_at: datetime
    resource_version: str
    names: dict[str, str] = field(default_factory=dict)


class InterruptedListError(Exception):
    """Nobody waits for the rest."""


@dataclass(frozen=True, slots=True)
class Lister:
    """Lists one resource.

    Args:
        api: The API server.
        page_size: Objects per page.
        patience: How long to wait after a failure.
        stop: Set when nobody waits for more.
        emit: Takes the lines of each page.
    """

    api: Api
    page_size: int
    patience: Patience
    stop: threading.Event
    emit: Callable[[bytes], None]

    def list(self, target: Target, told: Told) -> Listed:
        """All pages. If the server no longer knows the version of the first ones, the List starts again; what came twice is a duplicate.

        Raises:
            ApiFailureError: The server refuses, or fails too often.
            InterruptedListError: It was stopped.
        """
        for restart in range(_RESTARTS + 1):
            try:
                return self._pages(target, told, self.page_size if restart < _RESTARTS else None)
            except _TokenExpiredError:
                told.restarts += 1
        raise ApiFailureError(None, f"its continue token has expired {_RESTARTS + 1} times")

    def _pages(self, target: Target, told: Told, limit: int | None) -> Listed:
        page, observed_at = self._page(target, told, limit, "")
        listed = Listed(target, observed_at, page.resource_version)
        while True:
            told.pages += 1
            told.items += len(page.names)
            listed.names.update(page.names)
            if page.lines:
                self.emit(page.lines)
            if not page.continue_token:
                return listed
            page, _ = self._page(target, told, limit, page.continue_token, observed_at)

    def _page(self, target: Target, told: Told, limit: int | None, token: str, observed_at: datetime | None = None) -> tuple[Page, datetime]:
        """One page, tried until it comes whole."""
        parameters = ({"limit": limit} if limit else {}) | ({"_continue": token} if token else {})
        failures = 0
        while not self.stop.is_set():
            try:
                body = self.api.page(target, **parameters)
                arrived_at = observed_at or self.api.clock.now()
                return read_page(body, target.resource, arrived_at), arrived_at
            except ValueError as error:
                failure = ApiFailureError(None, f"an answer of {len(body):,} bytes is {error}")
            except ApiFailureError as error:
                failure = error
            if token and failure.is_unknown_token:
                raise _TokenExpiredError
            failures += 1
            self._wait(failures, failure, told)
        raise InterruptedListError

    def _wait(self, failures: int, failure: ApiFailureError, told: Told) -> None:
        wait_s = self.patience.wait_s(failures, failure)
        if not failure.is_transient or failures >= self.patience.attempts or wait_s > self.patience.longest_asked_s:
            raise failure
        told.retries += 1
        self.stop.wait(wait_s)


class _TokenExpiredError(Exception):
    """The server does not know the version of the first pages any more."""
