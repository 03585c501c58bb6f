"""Eight people at the workspace: pod pages, searches and SLO boards of a big lake, by locust.

    python -m bench.big_lake LAKE bench/data/big
    lorgnette serve --lake bench/data/big --rate 1000000 --journal /dev/null
    locust -f bench/workspace_load.py --headless -u 8 -r 8 -t 60s -H http://127.0.0.1:8080

What is opened is drawn from the lake itself, over all of its days. Not here: how the lake is made (`bench.big_lake`).
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import ClassVar

from locust import HttpUser, constant, events, task

_PODS_OF_A_DAY = 40
_DAYS = 30


class Known:
    """What the lake holds, asked once before the load."""

    pods: ClassVar[list[dict[str, str]]] = []
    days: ClassVar[list[datetime]] = []


@events.test_start.add_listener
def _look(environment: object, **_: object) -> None:
    """Find pods of each day, by the API."""
    import requests

    host = environment.host  # type: ignore[attr-defined]  # locust ships no types for it
    last = datetime.fromisoformat(requests.get(f"{host}/api/v1/clusters", timeout=60).json()["rows"][0]["watermark_at"])
    Known.days = [last - timedelta(days=day) for day in range(_DAYS)]
    for day in Known.days:
        params = {"to": day.isoformat(), "from": (day - timedelta(hours=1)).isoformat(), "limit": str(_PODS_OF_A_DAY), "kind": "pod_create"}
        Known.pods += requests.get(f"{host}/api/v1/deliveries", params=params, timeout=60).json()["rows"]


class Person(HttpUser):
    """Opens one page after the other."""

    wait_time = constant(0)

    @task(4)
    def pod_page(self) -> None:
        """A pod, by a link that says when it lived."""
        pod = random.choice(Known.pods)  # noqa: S311 - no secret
        self.client.get("/pod", params={"cluster": pod["cluster"], "uid": pod["uid"], "from": pod["started_at"]}, name="pod page")

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
