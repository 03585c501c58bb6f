"""What went wrong in a container is what its HyperEvents and pulls say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from pipelines.serving.http.containers import containers

_START = datetime(2026, 11, 23, 7, tzinfo=UTC)


def _fact(second: int, operation: str, subject: str | None = "app", **more: object) -> dict[str, Any]:
    blank = {"severity": "info", "message": None, "reason": None, "detail": None, "count": None}
    return blank | {"at": _START + timedelta(seconds=second), "operation": operation, "subject": subject} | more


def _pull(subject: str, duration_s: float, status: str = "ok", *, cached: bool | None = None, phase: str = "image_pull") -> dict[str, Any]:
    return {"subject": subject, "duration_s": duration_s, "status": status, "cached": cached, "phase": phase, "image": "shop/web:1"}


def test_the_newest_state_and_trouble_count() -> None:
    facts = [
        _fact(5, "container:terminated", severity="error", reason="OOMKilled"),
        _fact(9, "container:running"),
        _fact(3, "container:waiting", severity="warning", message="back-off"),
        _fact(7, "container:restarted", count=2),
        _fact(8, "event:BackOff", severity="warning"),
    ]
    [told] = containers(facts, [])
    pulled = {"container": "app", "image": None, "pull_s": None, "is_pull_failed": False, "is_cached": None}
    assert told == pulled | {"errors": 1, "warnings": 2, "restarts": 2, "last_state": "container:running", "last_trouble": "OOMKilled"}


def test_pulls_of_a_container_are_summed() -> None:
    pulls = [_pull("app", 2.5, cached=False), _pull("app", 1.0, "error"), _pull("init", 0.0, cached=True), _pull("app", 99.0, phase="backoff")]
    app, init = containers([_fact(1, "container:running")], pulls)
    assert (app["pull_s"], app["is_pull_failed"], app["is_cached"], app["image"]) == (3.5, True, False, "shop/web:1")
    assert (init["container"], init["is_pull_failed"], init["is_cached"], init["last_state"]) == ("init", False, True, None)


def test_what_has_no_state_of_a_container_is_none() -> None:
    assert containers([_fact(1, "event:Scheduled", "node-1"), _fact(2, "condition:Ready:true", None)], []) == []
