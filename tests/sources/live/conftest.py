"""A small cluster behind an API server, and what a collection brings from it."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.config import LIVE_RESOURCES, Live
from pipelines.sources.live import Api, Clock, Collection, Listed, Patience, Told, connect, targets
from tests.sources.live.api_server import ApiServer
from tests.sources.live.objects import event, namespace, node, pod, system_namespace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Collect = Callable[..., "Collected"]

# Tests wait for nothing longer than they must.
QUICK = Patience(first_wait_s=0.01, longest_wait_s=0.05, attempts=4)
_LONGEST_S = 20.0


@dataclass
class Collected:
    """What came."""

    frames: list[dict[str, Any]] = field(default_factory=list)
    told: dict[str, Told] = field(default_factory=dict)
    lists: list[Listed] = field(default_factory=list)
    seconds: float = 0.0

    def seen(self, kind: str) -> list[tuple[str, str, str]]:
        """Type, name and version of the frames of a kind, in the order of their arrival."""
        frames = [frame for frame in self.frames if frame["object"]["kind"] == kind]
        return [(frame["type"], frame["object"]["metadata"]["name"], frame["object"]["metadata"]["resourceVersion"]) for frame in frames]


def fill(server: ApiServer) -> None:
    """Put a small cluster behind a server."""
    pods = [pod(f"web-{number}", 10 + number, 20 + number) for number in range(5)]
    server.lists |= {
        "namespaces": [system_namespace(), namespace("shop", 1)],
        "nodes": [node("n1", 2)],
        "pods": pods,
        "events": [event(f"web-{number}.1", 50 + number, 40 + number, about=each) for number, each in enumerate(pods)],
    }


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with ApiServer() as started:
        fill(started)
        yield started


@pytest.fixture
def collect(tmp_path: Path) -> Collect:
    """Collect from a server; `until` ends the watch as soon as it holds."""

    def collected(
        server: ApiServer,
        *,
        watch_s: float = 0.0,
        until: Callable[[Collected], bool] | None = None,
        clock: Clock | None = None,
        patience: Patience = QUICK,
        **live: object,
    ) -> Collected:
        settings = Live.model_validate({"kubeconfig": server.kubeconfig(tmp_path), "resources": ["pods"], "page_size": 2, **live})
        wanted = targets(settings.resources, settings.namespaces)
        api = Api(connect(settings, len(wanted) + 1), clock or Clock())
        stop = threading.Event()
        result, started_s = Collected(), time.monotonic()
        with Collection(api, wanted, page_size=settings.page_size, watch_s=watch_s, patience=patience, stop=stop) as collection:
            for block in collection.blocks(started_s + _LONGEST_S, lambda: None):
                result.frames += [json.loads(line) for line in block.splitlines()]
                if until is not None and until(result):
                    stop.set()
            assert collection.is_done, "it does not end"
            result.told = {str(told.target): told for told in collection.told}
            result.lists = collection.take_lists()
        api.close()
        result.seconds = time.monotonic() - started_s
        return result

    return collected


ALL = list(LIVE_RESOURCES)
