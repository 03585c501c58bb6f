"""What is written about the API is so: the page names every endpoint and no other, and the dashboard's questions are answered."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx

PAGE = (REPOSITORY / "docs" / "http.md").read_text(encoding="utf-8")
VALUES = {
    "cluster": "sample",
    "kind": "pod_create",
    "objective": "platform",
    "phase": "total",
    "__from:date:iso": "2026-11-23T06:00:00.000Z",
    "__to:date:iso": "2026-11-23T09:00:00.000Z",
}


# What Infinity makes of a column of each type; a null is no value of any.
_IS: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, int | float),
    "timestamp": lambda value: datetime.fromisoformat(value).tzinfo is not None,
}


def targets() -> Iterator[dict[str, Any]]:
    dashboard = json.loads((REPOSITORY / "deploy" / "grafana-dashboard.json").read_text(encoding="utf-8"))
    for panel in dashboard["panels"]:
        yield from panel["targets"]
    yield from (each["query"]["infinityQuery"] for each in dashboard["templating"]["list"] if each["name"] == "cluster")


def test_the_page_names_every_endpoint_and_no_other(client: httpx.Client) -> None:
    endpoints = client.get("/api/v1/openapi.json").json()["paths"].keys()
    table = PAGE[PAGE.index("## The API") : PAGE.index("## Who may see what")]
    assert set(re.findall(r"^\| `(/api/v1/[a-z/-]+)`", table, re.MULTILINE)) | {"/api/v1/coverage"} == endpoints
    told = {
        path for path in re.findall(r"/api/v1/[a-z/-]+[a-z]", PAGE[PAGE.index("## What Lunettes answers") :]) if not path.startswith("/api/v1/debug")
    }
    assert told - {"/api/v1/rawdata", "/api/v1/watch"} <= endpoints


def test_the_dashboards_columns_are_there(client: httpx.Client) -> None:
    asked = list(targets())
    assert len(asked) == 8
    for target in asked:
        url = re.sub(r"\$\{([^}]+)\}", lambda found: VALUES[found[1]], target["url"])
        answer = client.get(url)
        assert answer.status_code == 200, url
        rows = answer.json()[target["root_selector"]]
        assert rows, url
        assert {column["selector"] for column in target["columns"]} <= rows[0].keys(), url
        for column in target["columns"]:
            values = [row[column["selector"]] for row in rows if row[column["selector"]] is not None]
            assert all(map(_IS[column["type"]], values)), (url, column)
