"""How late the watch was: what the log answered, against when the frame with that very version arrived.

Here: `Lateness`, measured from the run itself, so that no constant has to be believed. Not here: what it is an allowance for.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from bench.truth.truth import Truth

_TAIL = 0.005
_NEARBY = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Band:
    """Seconds by which a frame may come before (negative) or after what it shows."""

    low_s: float
    high_s: float

    def text(self) -> str:
        """The band as tables show it."""
        return f"{self.low_s:+.3f} … {self.high_s:+.3f} s"


@dataclass(frozen=True, slots=True)
class Lateness:
    """The lags of all frames whose write the log holds, in order of arrival."""

    arrivals: list[datetime]
    lags_s: list[float]

    @property
    def band(self) -> Band:
        """The middle 99 % of the lags."""
        lags = sorted(self.lags_s)
        cut = int(len(lags) * _TAIL)
        return Band(lags[cut], lags[-1 - cut]) if lags else Band(0.0, 0.0)

    def near(self, arrival: datetime, band: Band) -> Band:
        """`band`, widened to the lags that were measured within a second of a frame: a busy moment delays all frames."""
        local = self.lags_s[bisect_left(self.arrivals, arrival - _NEARBY) : bisect_right(self.arrivals, arrival + _NEARBY)]
        return Band(min([band.low_s, *local]), max([band.high_s, *local]))


def lateness(truth: Truth, *, after: str) -> Lateness:
    """The lags of the run's frames.

    Args:
        truth: The run.
        after: `answered` or `received`: which end of the request the lag counts from.
    """
    pairs = []
    for key, write in truth.audit.writes.items():
        arrival = truth.frames.get(key)
        if arrival is not None:
            start = write.answered_at if after == "answered" else write.received_at
            pairs.append((arrival, (arrival - start).total_seconds()))
    pairs.sort()
    return Lateness([arrival for arrival, _ in pairs], [lag for _, lag in pairs])
