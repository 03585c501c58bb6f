"""Reading from a store while what was read before is worked on: a bounded number of blocks is fetched ahead.

Here: `Blocks`, the threads that fetch, and `BlockStream`, what they fetch of one file in its order. The first block is asked for when the
stream is made, so that a file that is opened before its turn has it at hand; the others follow once the first is read. Not here: which
files are opened when (`pipelines.ingest.ahead`).
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import IO, TYPE_CHECKING, Self, cast

from pipelines.errors import SourceError
from pipelines.stores import explained

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from pipelines.sources.found import Found, Remote

BLOCK_BYTES = 4 * 1024 * 1024
_BLOCKS_AHEAD = 4
_FETCHERS = 8


class BlockStream:
    """The bytes of one file, to be read once from the start.

    Args:
        fetch: Gives the block of a number, counted from 0; b"" after the last.
        count: How many blocks there are; None if only the end will tell.
        pool: Where blocks are fetched.
        close: Lets go of what `fetch` uses.
    """

    def __init__(self, fetch: Callable[[int], bytes], count: int | None, pool: Executor, close: Callable[[], None] | None = None) -> None:
        self._fetch = fetch
        self._count = count
        self._pool = pool
        self._close = close
        self._asked = 0
        self._waiting: deque[Future[bytes]] = deque()
        self._block = memoryview(b"")
        self._ask(1)

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, as many as are at hand up to `size`; b"" at the end.

        Raises:
            OSError: The file is gone.
            SourceError: The store refuses or fails.
        """
        if not self._block:
            self._ask(_BLOCKS_AHEAD)
            if not self._waiting:
                return b""
            self._block = memoryview(self._waiting.popleft().result())
            if not self._block:
                self._count = self._asked
            self._ask(_BLOCKS_AHEAD)
        taken = self._block[:size] if size >= 0 else self._block
        self._block = self._block[len(taken) :]
        return bytes(taken)

    def close(self) -> None:
        """Ask for nothing more."""
        self._count = self._asked
        for future in self._waiting:
            future.cancel()
        self._waiting.clear()
        if self._close is not None:
            self._close()

    def _ask(self, ahead: int) -> None:
        while len(self._waiting) < ahead and (self._count is None or self._asked < self._count):
            self._waiting.append(self._pool.submit(self._fetch, self._asked))
            self._asked += 1


class Blocks:
    """Threads that fetch blocks for any number of files."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_FETCHERS, thread_name_prefix="blocks")
        self.is_stopped = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
        self._pool.shutdown(cancel_futures=True)

    def submit(self, question: Callable[[], bool]) -> Future[bool]:
        """Ask the store something meanwhile."""
        return self._pool.submit(question)

    def stop(self) -> None:
        """Let whoever reads a file to its end give up: nobody waits for it any more."""
        self.is_stopped = True

    def stream(self, found: Found, remote: Remote) -> BlockStream:
        """The bytes of a file in a store: of an object by ranges side by side, of anything else one block after the other."""
        return self._ranges(found, remote) if found.content else _sequence(found, remote)

    def _ranges(self, found: Found, remote: Remote) -> BlockStream:
        def fetch(number: int) -> bytes:
            start, end = number * BLOCK_BYTES, min((number + 1) * BLOCK_BYTES, found.size_bytes)
            with explained(found.uri, SourceError):
                block = cast("bytes", remote.system.cat_file(remote.path, start=start, end=end))
            if len(block) != end - start:
                raise SourceError(f"The store gave {len(block)} bytes instead of {end - start}", where=found.uri, remedy="Run it again.")
            return block

        return BlockStream(fetch, -(-found.size_bytes // BLOCK_BYTES), self._pool)


def _sequence(found: Found, remote: Remote) -> BlockStream:
    """Not every store can give ranges, so one thread reads on."""
    with explained(found.uri, SourceError):
        file = cast("IO[bytes]", remote.system.open(remote.path, "rb"))
    pool = ThreadPoolExecutor(1, thread_name_prefix="blocks")

    def fetch(_: int) -> bytes:
        with explained(found.uri, SourceError):
            return file.read(BLOCK_BYTES)

    def close() -> None:
        pool.shutdown(cancel_futures=True)
        file.close()

    return BlockStream(fetch, None, pool, close)
