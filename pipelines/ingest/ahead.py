"""Opening files before their turn, so that waiting for a disk or a store happens while earlier files are typed.

Here: `opened_ahead`. The number of files that are open is bounded, and each has at most one block in memory before its turn. Not here:
what is read of them (`flow`), and reading ahead within one (`pipelines.sources.blocks`).
"""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from pipelines.errors import SourceError
from pipelines.sources import Blocks, opened

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from pipelines.sources import Found, Opened

_FILES_AHEAD = 8

Outcome = tuple["Found", "Opened | OSError | SourceError"]


def opened_ahead(files: Iterable[Found], blocks: Blocks) -> Generator[Outcome]:
    """Each file in order, open, or why it cannot be opened. Who takes it closes it; close the generator when no more is taken."""
    disk = threading.Lock()
    waiting: deque[tuple[Found, Future[Opened]]] = deque()
    with ThreadPoolExecutor(_FILES_AHEAD, thread_name_prefix="opening") as pool:
        try:
            for found in files:
                waiting.append((found, pool.submit(partial(_opened, found, blocks, disk))))
                if len(waiting) > _FILES_AHEAD:
                    yield _outcome(*waiting.popleft())
            while waiting:
                yield _outcome(*waiting.popleft())
        finally:
            blocks.stop()
            for _, future in waiting:
                if not future.cancel() and future.exception() is None:
                    future.result().close()


def _opened(found: Found, blocks: Blocks, disk: threading.Lock) -> Opened:
    if found.remote is not None:
        return opened(found, blocks)
    # Local files are read for their digest when they are opened: one after the other is how disks like it.
    with disk:
        return opened(found, blocks)


def _outcome(found: Found, future: Future[Opened]) -> Outcome:
    try:
        return found, future.result()
    except (OSError, SourceError) as error:
        return found, error
