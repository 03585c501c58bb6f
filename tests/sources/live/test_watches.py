"""Watches over real HTTP: everything that ends a connection, and going on after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipelines.sources.live import Patience
from tests.sources.live.api_server import PATHS, ApiServer, bookmark, dropped_watch, expired, status, watch_of
from tests.sources.live.objects import frame, pod

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sources.live.conftest import Collect, Collected

PODS = f"{PATHS['pods']}?watch"


@pytest.fixture(autouse=True)
def _one_pod(server: ApiServer) -> None:
    server.lists["pods"] = [pod("web-0", 10, 20)]


def changed(version: int, kind: str = "MODIFIED") -> dict[str, object]:
    return frame(kind, pod("web-0", 10, version))


def until(version: int) -> Callable[[Collected], bool]:
    """Until a version has come."""
    return lambda collected: ("MODIFIED", "web-0", str(version)) in collected.seen("Pod")


def versions(collected: Collected) -> list[int]:
    return [int(version) for _, _, version in collected.seen("Pod")]


def asked_from(server: ApiServer) -> list[int]:
    """The versions that watches were asked to go on from."""
    return [int(request.query["resourceVersion"]) for request in server.asked("pods", is_watch=True)]


def test_a_watch_goes_on_from_its_list_and_asks_for_bookmarks(server: ApiServer, collect: Collect) -> None:
    server.frames["pods"] = [changed(1001), changed(1002)]
    collected = collect(server, watch_s=60, until=until(1002))
    assert collected.seen("Pod") == [("LISTED", "web-0", "20"), ("MODIFIED", "web-0", "1001"), ("MODIFIED", "web-0", "1002")]
    (request,) = server.asked("pods", is_watch=True)
    assert request.query == {"watch": "true", "allowWatchBookmarks": "true", "resourceVersion": "1000", "timeoutSeconds": "300"}


def test_a_watch_ends_when_its_time_is_over(server: ApiServer, collect: Collect) -> None:
    server.frames["pods"] = [changed(1001)]
    collected = collect(server, watch_s=0.3)
    assert versions(collected) == [20, 1001]
    assert 0.3 <= collected.seconds < 10


def test_a_bookmark_moves_the_version_on_and_is_no_change(server: ApiServer, collect: Collect) -> None:
    server.script(PODS, watch_of([changed(1001), bookmark("Pod", 5000)]), watch_of([changed(5001)]))
    collected = collect(server, watch_s=60, until=until(5001))
    assert asked_from(server)[:2] == [1000, 5000]
    assert versions(collected) == [20, 1001, 5001]
    assert collected.told["pods"].frames == 2


def test_an_expired_version_as_a_frame_calls_for_a_new_list(server: ApiServer, collect: Collect) -> None:
    server.script(PODS, watch_of([changed(1001), expired()]), watch_of([changed(1003)], hold_s=30))
    collected = collect(server, watch_s=60, until=until(1003))
    assert len(server.asked("pods")) == 2
    assert asked_from(server) == [1000, 1000]
    assert versions(collected) == [20, 1001, 20, 1003]
    assert collected.told["pods"].restarts == 1
    assert len(collected.lists) == 2


def test_an_expired_version_as_an_answer_calls_for_a_new_list(server: ApiServer, collect: Collect) -> None:
    server.script(PODS, status(410, "too old resource version"), watch_of([changed(1003)], hold_s=30))
    collected = collect(server, watch_s=60, until=until(1003))
    assert (versions(collected), collected.told["pods"].restarts) == ([20, 20, 1003], 1)


def test_a_connection_lost_within_a_line_goes_on_from_the_last_whole_one(server: ApiServer, collect: Collect) -> None:
    frames = [changed(1001), changed(1002)]
    server.script(PODS, dropped_watch(frames, cut_of_last=100), watch_of([changed(1002)], hold_s=30))
    collected = collect(server, watch_s=60, until=until(1002))
    assert asked_from(server) == [1000, 1001]
    assert versions(collected) == [20, 1001, 1002]
    assert collected.told["pods"].retries == 1


def test_a_watch_that_the_server_ends_goes_on(server: ApiServer, collect: Collect) -> None:
    server.script(PODS, watch_of([changed(1001)]), watch_of([changed(1002)]), watch_of([changed(1003)], hold_s=30))
    collected = collect(server, watch_s=60, until=until(1003))
    assert asked_from(server) == [1000, 1001, 1002]
    assert versions(collected) == [20, 1001, 1002, 1003]
    assert collected.told["pods"].retries == 0


@pytest.mark.parametrize("code", [429, 500, 503])
def test_a_refusal_that_passes_is_waited_for(server: ApiServer, collect: Collect, code: int) -> None:
    server.script(PODS, status(code, "not now", Retry_After="1") if code == 429 else status(code, "not now"), watch_of([changed(1001)], hold_s=30))
    collected = collect(server, watch_s=60, until=until(1001))
    first, second = server.asked("pods", is_watch=True)
    assert second.at_s - first.at_s >= (1 if code == 429 else 0)
    assert (versions(collected), collected.told["pods"].problem) == ([20, 1001], None)


def test_a_server_that_asks_to_come_back_at_once_is_not_asked_in_a_tight_circle(server: ApiServer, collect: Collect) -> None:
    server.script(PODS, *[status(429, "not now", Retry_After="0")] * 1000)
    collect(server, watch_s=0.3, patience=Patience(first_wait_s=0.1))
    assert 2 <= len(server.asked("pods", is_watch=True)) <= 5


def test_an_error_frame_that_is_no_expiry_goes_on_from_the_same_version(server: ApiServer, collect: Collect) -> None:
    message = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": "etcd leader changed", "code": 500}
    server.script(PODS, watch_of([changed(1001), frame("ERROR", message)]), watch_of([changed(1002)], hold_s=30))
    collected = collect(server, watch_s=60, until=until(1002))
    assert (asked_from(server), versions(collected)) == ([1000, 1001], [20, 1001, 1002])


def test_a_right_that_is_taken_away_is_a_problem_with_its_rule(server: ApiServer, collect: Collect) -> None:
    server.script(PODS, status(403, "pods is forbidden"))
    told = collect(server, watch_s=60).told["pods"]
    assert (told.problem, told.rule) == ("pods is forbidden", {"apiGroups": [""], "resources": ["pods"], "verbs": ["watch"]})


def test_lines_that_are_no_frames_end_the_connection_and_nothing_else(server: ApiServer, collect: Collect) -> None:
    server.script(PODS, lambda handler: handler.send(200, b"<html>\n</html>\n"), watch_of([changed(1001)], hold_s=30))
    collected = collect(server, watch_s=60, until=until(1001))
    assert (versions(collected), collected.told["pods"].retries) == ([20, 1001], 1)


def test_all_resources_are_watched_side_by_side_and_end_together(server: ApiServer, collect: Collect) -> None:
    server.frames["pods"] = [changed(1001)]
    collected = collect(server, watch_s=0.3, resources=["pods", "nodes", "events", "jobs.batch"])
    assert versions(collected) == [20, 1001]
    assert len([request for request in server.requests if request.is_watch]) == 4
    assert collected.seconds < 10
    assert {told.problem for told in collected.told.values()} == {None}
