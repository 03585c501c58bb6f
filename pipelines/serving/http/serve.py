"""Starting the server: on loopback, unless there are tokens.

Here: `serve`. Not here: what it answers (`app`).
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uvicorn

from pipelines.errors import ConfigError, LorgnetteError
from pipelines.lake import Lake
from pipelines.serving.door import Door
from pipelines.serving.http.app import application
from pipelines.serving.http.callers import Callers
from pipelines.serving.http.journal import Journal
from pipelines.serving.http.server import Server
from pipelines.serving.http.tokens import TokenFile
from pipelines.serving.limits import Limits

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

    from pipelines.config import Settings

_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1", "[::1]")


@dataclass(frozen=True, slots=True)
class Options:
    """How to serve.

    Args:
        host: The address to listen on.
        port: The port; any free one if 0.
        tokens: The file of tokens; it need not be there.
        journal: Where the trail goes; stderr if None.
        per_minute: Requests of one token or address in a minute.
        timeout_s: Seconds after which a query is stopped.
        workers: Queries that run side by side.
    """

    host: str
    port: int
    tokens: Path
    journal: Path | None
    per_minute: int = 600
    timeout_s: float = 30.0
    workers: int = 2


def serve(lake: Lake, settings: Settings, options: Options, say: Callable[[str], None]) -> None:
    """Serve until interrupted.

    Args:
        lake: The lake.
        settings: Limits and objectives.
        options: Where, for whom, and how much.
        say: Tells the user where the server is, once it listens.

    Raises:
        LorgnetteError: It may not listen there, or cannot.
    """
    tokens = TokenFile(options.tokens)
    is_loopback = _is_loopback(options.host)
    if not tokens.tokens() and not is_loopback:
        raise ConfigError(
            f"Without tokens this listens on loopback only, not on {options.host}",
            where=str(options.tokens),
            remedy="Make one first: lorgnette tokens add NAME. Or leave out --host.",
        )
    journal = Journal(options.journal)
    # The cores are shared out among the workers: threads of one would only take them from the others.
    threads = max(1, (os.cpu_count() or 1) // options.workers)
    limits = Limits(memory_limit=settings.memory_limit, timeout_s=options.timeout_s, threads=threads)
    with Door(lake.url, limits, workers=options.workers) as door:
        # Listed for every request.
        listed = Lake.open(lake.url, keeps_listings=True)
        server = Server(listed, door, Callers(tokens, options.per_minute, must_have_tokens=not is_loopback), journal, settings)
        app = application(server, _LOOPBACK_NAMES if is_loopback else None)
        # No access log: the trail says more, and never holds a token.
        running = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, server_header=False))
        listening = _listening(options)
        host, port = listening.getsockname()[:2]
        say(f"Listening on http://{f'[{host}]' if ':' in host else host}:{port}")
        try:
            # Ctrl-C is how it ends.
            with contextlib.suppress(KeyboardInterrupt):
                running.run(sockets=[listening])
        finally:
            journal.close()


def _listening(options: Options) -> socket.socket:
    """A socket that listens; bound here, so that a taken port is an error of ours and 0 can be any."""
    import socket as sockets

    try:
        family, kind, protocol, _, address = sockets.getaddrinfo(options.host, options.port, type=sockets.SOCK_STREAM, flags=sockets.AI_PASSIVE)[0]
        listening = sockets.socket(family, kind, protocol)
        if sys.platform != "win32":
            listening.setsockopt(sockets.SOL_SOCKET, sockets.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(128)
    except OSError as error:
        raise LorgnetteError(
            f"Cannot listen on {options.host}:{options.port}: {error.strerror}", remedy="Give another --port; or 0 for any that is free."
        ) from error
    return listening


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
