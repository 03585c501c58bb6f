"""Watches: following one resource from the version of its List on, through everything that ends a connection.

Here: `Watcher`. What a watch meets is met as client-go's reflector does: bookmarks move the version on, an ended or lost connection goes on from the
last version, an expired version calls for a new List. Not here: Lists (`lists`).
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.sources.live.api import pieces
from pipelines.sources.live.failures import ApiFailureError
from pipelines.sources.live.frames import read_frame, stamped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import urllib3

    from pipelines.sources.live.api import Api
    from pipelines.sources.live.failures import Patience
    from pipelines.sources.live.resources import Target
    from pipelines.sources.live.told import Told

# A watch is asked for anew so often, which finds connections that died unnoticed.
_LONGEST_S = 300
# A watch that ends sooner without a frame was not meant to end.
_SHORT_S = 1.0


class ExpiredError(Exception):
    """The server no longer keeps the version to go on from: only a new List tells what is there now."""


@dataclass(frozen=True, slots=True)
class Watcher:
    """Watches one resource.

    Args:
        api: The API server.
        patience: How long to wait after a failure.
        stop: Set when nobody waits for more.
        left_s: Seconds until it is over.
        emit: Takes whole lines.
        opened: Is told of each answer while it is read, so that another thread can end it.
    """

    api: Api
    patience: Patience
    stop: threading.Event
    left_s: Callable[[], float]
    emit: Callable[[bytes], None]
    opened: set[urllib3.HTTPResponse]

    def watch(self, target: Target, resource_version: str, told: Told) -> None:
        """Follow until the time is over or nobody waits any more.

        Raises:
            ExpiredError: A new List is needed.
            ApiFailureError: The server refuses.
        """
        failures = 0
        while not self._is_over():
            started_s, frames = time.monotonic(), told.frames
            failure = None
            try:
                with self._opened(target, resource_version) as response:
                    for version in self._followed(response, told):
                        resource_version, failures = version, 0
            except ApiFailureError as error:
                if error.is_expired:
                    raise ExpiredError from error
                if not error.is_transient:
                    raise
                failure = error
            if self._is_over():
                return
            if failure is not None or (told.frames == frames and time.monotonic() - started_s < _SHORT_S):
                failures += 1
                told.retries += 1
                self.stop.wait(min(self.patience.wait_s(failures, failure), max(0.0, self.left_s()), threading.TIMEOUT_MAX))

    @contextmanager
    def _opened(self, target: Target, resource_version: str) -> Iterator[urllib3.HTTPResponse]:
        timeout_s = int(min(_LONGEST_S, max(0.0, self.left_s()) + 1))
        with self.api.watch(target, resource_version, timeout_s) as response:
            self.opened.add(response)
            try:
                yield response
            finally:
                self.opened.discard(response)

    def _followed(self, response: urllib3.HTTPResponse, told: Told) -> Iterator[str]:
        """The version after each frame; a line that the connection cut off is sent again from the version before it."""
        for lines in _whole_lines(response):
            observed_at = self.api.clock.now()
            for line in lines:
                try:
                    frame = read_frame(line)
                except ValueError as error:
                    raise ApiFailureError(None, f"a line of {len(line):,} bytes is {error}") from error
                if frame.failure is not None:
                    raise frame.failure
                if frame.type != "BOOKMARK":
                    told.frames += 1
                    self.emit(stamped(line, observed_at))
                if frame.resource_version:
                    yield frame.resource_version

    def _is_over(self) -> bool:
        return self.stop.is_set() or self.left_s() <= 0


def _whole_lines(response: urllib3.HTTPResponse) -> Iterator[list[bytes]]:
    """The lines that are complete after each piece that arrives, if there are any."""
    rest = b""
    for piece in pieces(response):
        *lines, rest = (rest + piece).split(b"\n")
        if any(lines):
            yield [line for line in lines if line.strip()]
