"""Eight people at the workspace: pod pages, searches and SLO boards of a big lake, by locust.

    python -m bench.big_lake LAKE bench/data/big
    lorgnette serve --lake bench/data/big --rate 1000000 --journal /dev/null
    locust -f bench/workspace_load.py --headless -u 8 -r 8 -t 60s -H http://127.0.0.1:8080

What is opened is drawn from the lake itself, over all of its days, so that hardly a pod comes twice. As in a browser, a pod's page is followed by the
part of it that lies further down. `PAUSE_S` is how long everybody rests after each request. Not here: how the lake is made (`bench.big_lake`), and the
server's CPU and memory (`bench.serving`).
"""

from __future__ import annotations

import os
import random
from datetime import datetime, timedelta
from typing import Any, ClassVar

from locust import FastHttpUser, constant, events, task

_PODS_OF_AN_HOUR = 30
_EACH_HOURS = 3
_DAYS = 30
_LEAST = timedelta(minutes=10)


class Known:
    """What the lake holds, asked once before the load."""

    pods: ClassVar[list[dict[str, str]]] = []
    days: ClassVar[list[datetime]] = []


@events.test_start.add_listener
def _look(environment: object, **_: object) -> None:
    """Find pods of every third hour, by the API."""
    import requests

    host = environment.host  # type: ignore[attr-defined]  # locust ships no types for it

    def asked(path: str, **params: Any) -> list[dict[str, str]]:  # noqa: ANN401 - values of any parameter
        found: list[dict[str, str]] = requests.get(f"{host}/api/v1/{path}", params=params, timeout=60).json()["rows"]
        return found

    last = datetime.fromisoformat(asked("clusters")[0]["watermark_at"])
    Known.days = [last - timedelta(days=day) for day in range(_DAYS)]
    for hour in range(0, _DAYS * 24, _EACH_HOURS):
        end = last - timedelta(hours=hour, minutes=random.randrange(50))  # noqa: S311 - no secret
        Known.pods += asked("deliveries", to=end.isoformat(), **{"from": (end - _LEAST).isoformat()}, limit=_PODS_OF_AN_HOUR, kind="pod_create")


class Person(FastHttpUser):
    """Opens one page after the other."""

    wait_time = constant(float(os.environ.get("PAUSE_S", "0")))

    @task(4)
    def pod_page(self) -> None:
        """A pod, by a link that says when it lived, and then what lies further down."""
        pod = random.choice(Known.pods)  # noqa: S311 - no secret
        asked = {"cluster": pod["cluster"], "uid": pod["uid"], "from": pod["started_at"]}
        self.client.get("/pod", params=asked, name="pod page")
        self.client.get("/pod/background", params=asked, name="pod page, further down")

    @task(3)
    def search(self) -> None:
        """A pod by its name, over all days."""
        pod = random.choice(Known.pods)  # noqa: S311 - no secret
        self.client.get("/search", params={"cluster": pod["cluster"], "name": pod["name"]}, name="search by name")

    @task(3)
    def board(self) -> None:
        """The board of one day."""
        day = random.choice(Known.days)  # noqa: S311 - no secret
        params = {"cluster": "big", "to": day.isoformat(), "from": (day - timedelta(days=1)).isoformat()}
        self.client.get("/slo", params=params, name="SLO board of a day")
