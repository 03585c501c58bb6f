"""Everything that is asked of one API server, side by side: a thread per resource lists, then watches; one reader takes what comes.

Here: `Collection`. Few Lists run at a time, for they are what costs the server. Not here: what the bytes become (`pipelines.ingest`).
"""

from __future__ import annotations

import math
import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Self

from pipelines.sources.live.failures import ApiFailureError
from pipelines.sources.live.lists import InterruptedListError, Listed, Lister
from pipelines.sources.live.resources import FALLBACKS, Target
from pipelines.sources.live.told import Told
from pipelines.sources.live.watches import ExpiredError, Watcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future
    from types import TracebackType

    import urllib3

    from pipelines.sources.live.api import Api
    from pipelines.sources.live.failures import Patience

_LISTS_AT_A_TIME = 2
# Pages and frames that wait for the reader; then the API server has to wait.
_AHEAD = 16
_TICK_S = 0.2
_UNFINISHED = "interrupted before its list was complete"


class Collection:
    """Lists and watches under way. Use it as a context manager; it ends all connections when it is left.

    Args:
        api: The API server.
        targets: What to ask for.
        page_size: Objects per page of a List.
        watch_s: How long to watch once all Lists are done; 0 for Lists only.
        patience: How long to wait after a failure.
        stop: Whoever sets it ends the collection early, as if the time were over.

    Attributes:
        told: What became of each target, as far as it is.
        lists: The Lists that were completed and not taken away yet.
    """

    def __init__(self, api: Api, targets: Sequence[Target], *, page_size: int, watch_s: float, patience: Patience, stop: threading.Event) -> None:
        self.told = [Told(target) for target in targets]
        self.lists: list[Listed] = []
        self._watch_s = watch_s
        self._until_s = math.inf
        self._unlisted = set(targets)
        self._patience = patience
        self._is_asked_to_stop = stop.is_set
        self._stop = threading.Event()
        self._is_left = False
        self._running = len(targets)
        self._queue: queue.Queue[bytes | Listed | None] = queue.Queue(_AHEAD)
        self._opened: set[urllib3.HTTPResponse] = set()
        self._turns = threading.Semaphore(_LISTS_AT_A_TIME)
        self._lister = Lister(api, page_size, patience, self._stop, self._put)
        self._watcher = Watcher(api, patience, self._stop, self._left_s, self._put, self._opened)
        self._pool = ThreadPoolExecutor(len(targets), thread_name_prefix="live")
        self._futures: list[Future[None]] = []

    def __enter__(self) -> Self:
        self._futures = [self._pool.submit(self._collect, told) for told in self.told]
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop.set()
        self._is_left = True
        self._end_connections()
        self._pool.shutdown()

    @property
    def is_done(self) -> bool:
        """Whether nothing more will come."""
        return not self._running

    def blocks(self, until_s: float, tick: Callable[[], None]) -> Iterator[bytes]:
        """Lines as they come, until nothing more will or the monotonic clock shows `until_s`; `tick` is called now and then."""
        while not self.is_done and time.monotonic() < until_s:
            if self._is_asked_to_stop():
                self._stop.set()
            if self._until_s == math.inf and not self._unlisted:
                self._until_s = time.monotonic() + self._watch_s
            if self._stop.is_set() or self._left_s() <= 0:
                self._end_connections()
            tick()
            try:
                got = self._queue.get(timeout=_TICK_S)
            except queue.Empty:
                continue
            if got is None:
                self._running -= 1
            elif isinstance(got, Listed):
                self.lists.append(got)
            else:
                yield got
        for future in self._futures if self.is_done else ():
            # What no server does is a fault of this program, and must not pass in silence.
            future.result()

    def take_lists(self) -> list[Listed]:
        """The Lists that were completed since the last call."""
        taken, self.lists = self.lists, []
        return taken

    def _collect(self, told: Told) -> None:
        target, is_watching = told.target, False
        try:
            listed = self._list(told)
            self._unlisted.discard(target)
            is_watching = self._watch_s > 0
            if is_watching:
                self._watch(told, listed)
        except ApiFailureError as failure:
            told.refused(failure, is_watching=is_watching)
        except InterruptedListError:
            # A watch that is ended while it lists again has told what it could.
            if not is_watching:
                told.problem = _UNFINISHED
        finally:
            self._unlisted.discard(target)
            self._put(None)

    def _watch(self, told: Told, listed: Listed) -> None:
        """Watch from a List on; from a new one whenever its version has expired."""
        while True:
            frames = told.frames
            try:
                self._watcher.watch(told.target, listed.resource_version, told)
            except ExpiredError:
                told.restarts += 1
            else:
                return
            if told.frames == frames:
                # A List that expires at once must not be asked for in a circle.
                self._stop.wait(self._patience.first_wait_s)
            listed = self._list(told)

    def _list(self, told: Told) -> Listed:
        with self._turns:
            try:
                listed = self._lister.list(told.target, told)
            except ApiFailureError as failure:
                fallback = FALLBACKS.get(told.target.resource.name)
                if fallback is None or not (failure.is_forbidden or failure.is_not_served):
                    raise
                listed = self._fallen_back(told, Target(fallback, told.target.namespace), failure)
        self._put(listed)
        return listed

    def _fallen_back(self, told: Told, target: Target, first: ApiFailureError) -> Listed:
        """The same objects from another API; if it refuses too, the first refusal is the one to mend."""
        try:
            listed = self._lister.list(target, told)
        except ApiFailureError as failure:
            raise (first if failure.is_forbidden or failure.is_not_served else failure) from failure
        told.note = f"read as {target.resource.name}, for {told.target.resource.name}: {first.message}"
        told.target = target
        return listed

    def _left_s(self) -> float:
        return self._until_s - time.monotonic()

    def _put(self, got: bytes | Listed | None) -> None:
        while not self._is_left:
            try:
                self._queue.put(got, timeout=_TICK_S)
            except queue.Full:
                continue
            return

    def _end_connections(self) -> None:
        """End the watches that wait for bytes; they see the end of their answer."""
        for response in list(self._opened):
            try:
                response.shutdown()
            except (ValueError, RuntimeError, OSError):
                # It has ended by itself meanwhile.
                continue
