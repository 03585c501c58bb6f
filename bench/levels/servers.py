"""Logs of several API servers of which one is not collected, or not for a while.

Here: `MissingServer`, which shares a recorded log out among servers as connections would and drops the lines of one. Not here: what a policy leaves out
(`policy`, `variants`), and what comes of it (`compare`).

A client keeps its connection to one server for minutes to days: a kubelet, a controller, the leader of the schedulers. So what goes dark is a whole client.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class MissingServer:
    """One way to lose a server's lines.

    Args:
        name: As results call it.
        title: In words.
        lost: Which of the servers is lost.
        servers: How many there are.
        change: After how long a client connects anew, to whichever server; None if it never does.
        window: From when until when the lines are lost, since the log's first; None if all of them are.
        has_feed: Whether Events are read from a feed beside the log.
    """

    name: str
    title: str
    lost: int = 0
    servers: int = 3
    change: timedelta | None = None
    window: tuple[timedelta, timedelta] | None = None
    has_feed: bool = False

    def lowered(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """The lines that are left."""
        begin: datetime | None = None
        for line in lines:
            event = json.loads(line)
            at = datetime.fromisoformat(event["stageTimestamp"])
            begin = begin or at
            is_lost = self.window is None or self.window[0] <= at - begin < self.window[1]
            if not (is_lost and self._server_of(event, at - begin) == self.lost):
                yield line

    def feed(self, frames: Iterable[bytes]) -> Iterator[bytes]:
        """The frames of the feed beside it."""
        yield from (frame + b"\n" for frame in frames)

    def _server_of(self, event: dict[str, Any], since: timedelta) -> int:
        """The server that a client is connected to at some time after the log's first line."""
        client = client_of(event)
        if self.change is None:
            return _number(client) % self.servers
        # Clients do not all change at once.
        epoch = (since + timedelta(seconds=_number(f"{client} begins") % max(1, int(self.change.total_seconds())))) // self.change
        return _number(f"{client} {epoch}") % self.servers


def client_of(event: dict[str, Any]) -> str:
    """Whose connection a request came over: a node's kubelet, else user, program and address."""
    user = event.get("user", {}).get("username", "")
    if user.startswith("system:node:"):
        return str(user)
    return " ".join((user, event.get("userAgent", ""), (event.get("sourceIPs") or [""])[-1]))


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])


_MINUTE = timedelta(minutes=1)

MISSING_SERVERS = (
    *(MissingServer(f"server-{lost}", f"server {lost + 1} of 3 not collected", lost) for lost in range(3)),
    MissingServer("server-1-window", "server 2 of 3 not collected for 8 minutes", 1, window=(4 * _MINUTE, 12 * _MINUTE)),
    MissingServer("server-0-changing", "server 1 of 3 not collected, clients change theirs every 5 minutes", 0, change=5 * _MINUTE),
    MissingServer("rotation", "2 minutes of the only server lost", servers=1, window=(4 * _MINUTE, 6 * _MINUTE)),
)
