"""A recorded cluster played back through an API server, frame by frame, on the clock of the recording.

Here: `Replay`. Each frame is sent only when the one before it has arrived and has its time, so a playback is exact and as fast as the reader.
Not here: the server itself (`api_server`).
"""

from __future__ import annotations

import json
import queue
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pipelines.sources.live import Clock
from tests.sources.live.api_server import PATHS, ApiServer, Handler, Request

if TYPE_CHECKING:
    from collections.abc import Iterable

_PATIENCE_S = 30.0
Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A frame as it was recorded."""

    at: datetime
    resource: str
    frame: Body

    @classmethod
    def read(cls, resource: str, lines: Iterable[bytes]) -> list[Recorded]:
        """The frames of one resource; `LISTED` are those of a List."""
        found = []
        for line in lines:
            frame = json.loads(line)
            found.append(cls(datetime.fromisoformat(frame.pop("observed_at")), resource, frame))
        return found


class ReplayClock(Clock):
    """Shows the time of the frame that is under way, and counts how often a reader has looked."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self._at = at
        self._looked = 0
        self._changed = threading.Condition()

    def now(self) -> datetime:
        with self._changed:
            if threading.current_thread().name.startswith("live"):
                self._looked += 1
                self._changed.notify_all()
            return self._at

    def show(self, at: datetime) -> int:
        """Set the time; gives how often it was looked at until then."""
        with self._changed:
            self._at = at
            return self._looked

    def wait(self, looked: int) -> None:
        """Wait until a reader has looked again."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._looked > looked, _PATIENCE_S), "nobody takes the frame"


class Replay:
    """Plays frames to whoever watches, then sets `stop`.

    Args:
        server: The server, which has nothing else in it.
        recorded: The frames of all resources.
        from_at: The clock's time during the first Lists.
    """

    def __init__(self, server: ApiServer, recorded: Iterable[Recorded], from_at: datetime) -> None:
        self.stop = threading.Event()
        self.clock = ReplayClock(from_at)
        self._server = server
        self._queues: dict[str, queue.Queue[Body | None]] = {name: queue.Queue() for name in PATHS}
        self._recorded = sorted(recorded, key=lambda each: each.at)
        server.RequestHandlerClass = _ReplayHandler
        server.replay = self  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._play, daemon=True)
        self.failed: Exception | None = None

    def start(self) -> None:
        for name in PATHS:
            self._server.lists[name] = self._next_list(name)
        self._thread.start()

    def watch(self, handler: Handler, resource: str) -> None:
        """Send frames as they come, until one ends the watch."""
        handler.start_chunks()
        while (frame := self._queues[resource].get()) is not None:
            handler.chunk(json.dumps(frame, separators=(",", ":")).encode() + b"\n")
            if frame["type"] == "ERROR":
                break
        handler.chunk(b"")

    def _play(self) -> None:
        try:
            self._wait_for_watches()
            while self._recorded:
                self._send(self._recorded.pop(0))
        except AssertionError as error:
            self.failed = error
        self.stop.set()
        for each in self._queues.values():
            each.put(None)

    def _send(self, recorded: Recorded) -> None:
        if recorded.frame["type"] == "LISTED":
            # It was asked for, and given, when its watch ended.
            return
        looked = self.clock.show(recorded.at)
        if recorded.frame["type"] == "ERROR":
            self._server.lists[recorded.resource] = self._next_list(recorded.resource)
        self._queues[recorded.resource].put(recorded.frame)
        self.clock.wait(looked)

    def _next_list(self, resource: str) -> list[Body]:
        """What the next List of a resource shows: the frames `LISTED` that come before any other."""
        listed = []
        for each in [each for each in self._recorded if each.resource == resource]:
            if each.frame["type"] != "LISTED":
                break
            listed.append(each)
        for each in listed:
            self._recorded.remove(each)
        return [each.frame["object"] for each in listed]

    def _wait_for_watches(self) -> None:
        waited = threading.Event()
        for _ in range(int(_PATIENCE_S * 50)):
            if len({request.path for request in self._server.requests if request.is_watch}) >= len(PATHS) - 1:
                return
            waited.wait(0.02)
        message = "not every resource is watched"
        raise AssertionError(message)


class _ReplayHandler(Handler):
    def _collection(self, request: Request) -> None:
        if request.is_watch:
            self.server.replay.watch(self, next(name for name, path in PATHS.items() if path == request.path))  # type: ignore[attr-defined]
        else:
            super()._collection(request)


def instant(text: str) -> datetime:
    """A moment of the recording."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
