"""Which processes are writing raw files, so that the next one can clear away what a killed one left.

Here: a marker file per process and cluster while it writes. Nothing depends on markers but cleaning: what a dead process left does no
harm, for no row of the ledger names it. Not here: what is cleared (`lake`).
"""

from __future__ import annotations

import os
import socket
import time
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pipelines.lake.layout import cluster_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.lake.storage import Listed, Storage

_FOLDER = "_running"
_UNKNOWN_S = 86_400
# Tells this process from one that had its number before, as the first process of a container always has.
_TOKEN = uuid.uuid4().hex[:8]


@contextmanager
def marked(storage: Storage, cluster: str) -> Iterator[str]:
    """Say that this process writes raw files of a cluster; gives the marker."""
    path = f"{_FOLDER}/{cluster_folder(cluster)}/{process_name()}"
    with storage.writer(path) as file:
        file.write(b"")
    try:
        yield path
    finally:
        storage.delete(path)


def others(storage: Storage, cluster: str, marker: str) -> tuple[list[Listed], list[Listed]]:
    """All markers but one's own: of processes that are dead, and of those that may be alive."""
    markers = [each for each in storage.listing(f"{_FOLDER}/{cluster_folder(cluster)}") if each.path != marker]
    dead = [each for each in markers if is_dead(each.path.rpartition("/")[2], each.modified_s)]
    return dead, [each for each in markers if each not in dead]


def process_name() -> str:
    """A name for a file of this process, which no other file has and which `is_dead` understands."""
    return f"{socket.gethostname()}.{os.getpid()}.{_TOKEN}{uuid.uuid4().hex[:8]}"


def is_dead(name: str, modified_s: float) -> bool:
    """Whether the process that named a file is gone; of another host's nothing is known, so what it left must be a day old."""
    host, process, mark = name.rsplit(".", 2)
    if not f".{host}".endswith(f".{socket.gethostname()}"):
        return time.time() - modified_s > _UNKNOWN_S
    if int(process) == os.getpid():
        return not mark.startswith(_TOKEN)
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
