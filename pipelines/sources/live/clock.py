"""The time of arrival: the only wall clock in the lake, and part of the input.

Here: `Clock`. Times that objects carry are the API server's, so arrivals must be on its clock too. It tells the time in each answer, but only to
the second; this machine's clock has microseconds and may be wrong. So: this machine's clock, moved no further than the answers require.
Not here: what is stamped (`frames`).
"""

from __future__ import annotations

import math
import threading
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


class Clock:
    """UTC on the clock of an API server. It never goes back, whatever is done to this machine's clock meanwhile."""

    def __init__(self) -> None:
        self._base_s = time.time() - time.monotonic()
        self._lock = threading.Lock()
        self._least_s, self._most_s = -math.inf, math.inf
        self._shown_s = 0.0

    @property
    def correction_s(self) -> float:
        """How far this machine's clock is moved: 0 as long as it agrees with what the server says."""
        return min(max(0.0, self._least_s), self._most_s)

    def local_s(self) -> float:
        """This machine's time in seconds since 1970."""
        return self._base_s + time.monotonic()

    def now(self) -> datetime:
        """The time on the server's clock."""
        with self._lock:
            self._shown_s = max(self._shown_s, self.local_s() + self.correction_s)
            return datetime.fromtimestamp(self._shown_s, UTC)

    def learn(self, date: str | None, sent_s: float, received_s: float) -> None:
        """Take in an answer's `Date`, given the local times between which it was written. What is no date teaches nothing."""
        try:
            server_s = parsedate_to_datetime(date or "").timestamp()
        except ValueError:
            return
        # The server cuts off the fraction of a second.
        least_s, most_s = server_s - received_s, server_s + 1 - sent_s
        with self._lock:
            if least_s > self._most_s or most_s < self._least_s:
                # Another server answers, on another clock; or one of them was set.
                self._least_s, self._most_s = least_s, most_s
            else:
                self._least_s, self._most_s = max(least_s, self._least_s), min(most_s, self._most_s)
