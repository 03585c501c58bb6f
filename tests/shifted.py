"""Moves a recorded log in time: every instant in it, those in the names of Events included.

Tests use it to lay real logs over hour and day boundaries. Not here: the logs (`sample/`, the corpus).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_INSTANT = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z")
_EVENT_NAME = re.compile(rb'\.(1[0-9a-f]{15})(?=["/])')


def shifted(log: bytes, by: timedelta) -> bytes:
    """The log with every instant moved by a whole number of seconds."""
    known: dict[bytes, bytes] = {}

    def instant(match: re.Match[bytes]) -> bytes:
        second = match.group(1)
        if second not in known:
            moved = datetime.fromisoformat(second.decode()).replace(tzinfo=UTC) + by
            known[second] = moved.strftime("%Y-%m-%dT%H:%M:%S").encode()
        return known[second] + (match.group(2) or b"") + b"Z"

    def name(match: re.Match[bytes]) -> bytes:
        return b".%x" % (int(match.group(1), 16) + int(by.total_seconds()) * 1_000_000_000)

    return _EVENT_NAME.sub(name, _INSTANT.sub(instant, log))
