"""The process that runs queries: started by `workers`, told by its socket, ended by its parent.

Here: its loop and the limits that the system holds for it. DuckDB's own limits do not see what a single function allocates, nor Arrow's
memory; the address space does. Not here: answering (`query`).
"""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.errors import LorgnetteError
from pipelines.serving import wire
from pipelines.serving.query import Desk, ReplacedError

if TYPE_CHECKING:
    from pipelines.serving.limits import Limits
    from pipelines.serving.wire import Request, Where

_MIB = 1024 * 1024
# For what DuckDB does not count: Arrow's buffers on the way in and out, Python, the allocators' slack.
_BESIDE_DUCKDB = 1408 * _MIB
# A process that has grown by more than this does not take another query: columns that are kept, the allocators' arenas, and some slack.
_GROWN = 1024 * _MIB
_PARENT_GONE_S = 1.0
# A query of some thousand levels is still looked at.
_NESTING = 20_000
_UNITS = {"K": 1000, "M": 1000**2, "G": 1000**3, "T": 1000**4, "KI": 1024, "MI": 1024**2, "GI": 1024**3, "TI": 1024**4}


def main(descriptor: int, parent: int) -> None:
    """Answer queries until the other side closes.

    Args:
        descriptor: The socket.
        parent: The process that started this one.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.setrecursionlimit(_NESTING)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    with Connection(descriptor) as link:
        setup: wire.Setup = wire.receive_pickled(link)
        desk = Desk(setup.lake_url, setup.limits)
        desk.warm_up()
        warm = _address_space()
        _bound(warm, setup.limits)
        link.send_bytes(wire.READY)
        try:
            while True:
                desk.prepare()
                end = _answered(link, desk, wire.receive_pickled(link))
                is_fit = _address_space() - warm < _GROWN
                wire.send_end(link, end._replace(is_fit=is_fit))
                if not is_fit:
                    return
        except (EOFError, BrokenPipeError, ConnectionResetError):
            return


def _answered(link: Connection, desk: Desk, request: Request | Where) -> wire.End:
    try:
        try:
            return _sent(link, desk, request)
        except ReplacedError:
            link.send_bytes(wire.AGAIN)
            return _sent(link, desk, request)
    except LorgnetteError as error:
        return wire.End(is_fit=True, error=error)


def _sent(link: Connection, desk: Desk, request: Request | Where) -> wire.End:
    place, is_cut = 0, False
    for part in desk.answer(request):
        if part.place != place:
            wire.send_next(link, is_cut=is_cut)
        wire.send_batch(link, part.batch)
        place, is_cut = part.place, part.is_cut
    wire.send_next(link, is_cut=is_cut)
    return wire.End(is_fit=True, error=None)


def _end_with(parent: int) -> None:
    """End when the parent has, even in the middle of a query."""
    while os.getppid() == parent:
        time.sleep(_PARENT_GONE_S)
    os._exit(1)


def _address_space() -> int:
    """The size of this process's address space; 0 where the system does not say."""
    statistics = Path("/proc/self/statm")
    return int(statistics.read_text(encoding="ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE") if statistics.exists() else 0


def _bound(warm: int, limits: Limits) -> None:
    """Let the system hold the address space, beyond what a warm process has anyway."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if warm:
        most = warm + _bytes_of(limits.memory_limit) + _BESIDE_DUCKDB
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _bytes_of(memory_limit: str) -> int:
    """A size as DuckDB reads it, such as `1.5GB`, `512MiB` or `50%` of the machine's memory."""
    found = re.fullmatch(r"\s*([\d.]+)\s*(?:([KMGT]I?)B|%)\s*", memory_limit.upper())
    if found is None:
        raise LorgnetteError(f"{memory_limit!r} is no size", remedy="Write it such as 1GB, 512MiB or 50%.")
    number = float(found[1])
    if found[2] is None:
        return int(number / 100 * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    return int(number * _UNITS[found[2]])


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
