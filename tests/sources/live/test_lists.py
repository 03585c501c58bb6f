"""Lists over real HTTP, with all that may go wrong on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipelines.sources.live import Patience
from tests.sources.live.api_server import PATHS, ApiServer, cut_body, status
from tests.sources.live.conftest import ALL
from tests.sources.live.objects import newer_event, pod, uid

if TYPE_CHECKING:
    from tests.sources.live.conftest import Collect

PODS = PATHS["pods"]
FIVE = [("LISTED", f"web-{number}", str(20 + number)) for number in range(5)]


def test_a_list_comes_page_by_page(server: ApiServer, collect: Collect) -> None:
    collected = collect(server)
    assert collected.seen("Pod") == FIVE
    assert [request.query.get("limit") for request in server.asked("pods")] == ["2", "2", "2"]
    assert [("continue" in request.query) for request in server.asked("pods")] == [False, True, True]
    (told,) = collected.told.values()
    assert (told.pages, told.items, told.problem) == (3, 5, None)
    (listed,) = collected.lists
    assert (set(listed.names), listed.resource_version) == ({uid(10 + number) for number in range(5)}, "1000")


def test_all_pages_are_as_of_the_first_ones_arrival(server: ApiServer, collect: Collect) -> None:
    collected = collect(server)
    assert len({frame["observed_at"] for frame in collected.frames}) == 1
    assert collected.lists[0].observed_at.isoformat()[:26] == collected.frames[0]["observed_at"][:26]


def test_objects_come_with_their_kind_and_with_fields_that_no_client_knows(server: ApiServer, collect: Collect) -> None:
    server.lists["pods"] = [pod("web-0", 1, 3)]
    (frame,) = collect(server).frames
    assert frame["object"] == pod("web-0", 1, 3)


def test_secrets_and_config_maps_are_never_asked_for(server: ApiServer, collect: Collect) -> None:
    collect(server, resources=ALL)
    asked = {request.path for request in server.requests}
    assert asked == {PATHS[name] for name in ALL}
    assert not any("secret" in path or "configmap" in path for path in asked)


def test_a_server_that_ignores_the_limit_is_read_all_the_same(server: ApiServer, collect: Collect) -> None:
    server.ignores_limit = True
    collected = collect(server)
    assert collected.seen("Pod") == FIVE
    assert len(server.asked("pods")) == 1


def test_an_expired_continue_token_starts_the_list_again(server: ApiServer, collect: Collect) -> None:
    server.script(PODS, None, status(410, "The provided continue parameter is too old"))
    collected = collect(server)
    assert [("continue" in request.query) for request in server.asked("pods")] == [False, True, False, True, True]
    assert collected.seen("Pod") == FIVE[:2] + FIVE
    (told,) = collected.told.values()
    assert (told.restarts, told.problem) == (1, None)
    # What is gone is told by the List that was completed, which is of a later time.
    assert len(collected.lists[0].names) == 5
    assert collected.lists[0].observed_at.isoformat()[:26] == collected.frames[-1]["observed_at"][:26]


def test_a_list_that_expires_again_and_again_is_asked_for_whole_in_the_end(server: ApiServer, collect: Collect) -> None:
    expired = status(410, "too old")
    server.script(PODS, *(None, expired) * 3)
    collected = collect(server)
    assert server.asked("pods")[-1].query == {}
    assert collected.seen("Pod")[-5:] == FIVE
    assert collected.told["pods"].problem is None


def test_429_waits_as_long_as_it_is_asked_to(server: ApiServer, collect: Collect) -> None:
    server.script(PODS, status(429, "too many requests", Retry_After="1"))
    collected = collect(server)
    first, second = server.asked("pods")[:2]
    assert second.at_s - first.at_s >= 1
    assert collected.seen("Pod") == FIVE
    assert collected.told["pods"].retries == 1


def test_a_wait_beyond_all_patience_is_a_problem_and_not_waited_for(server: ApiServer, collect: Collect) -> None:
    server.script(PODS, status(429, "come back tomorrow", Retry_After="86400"))
    assert collect(server).told["pods"].problem == "come back tomorrow"


@pytest.mark.parametrize("has_length", [True, False])
def test_a_cut_answer_is_asked_for_again(server: ApiServer, collect: Collect, has_length: bool) -> None:  # noqa: FBT001
    server.script(PODS, cut_body("pods", server.lists["pods"], has_length=has_length))
    collected = collect(server)
    assert collected.seen("Pod") == FIVE
    assert collected.told["pods"].retries == 1


def test_a_failing_server_is_asked_again_and_then_given_up(server: ApiServer, collect: Collect) -> None:
    server.script(PODS, *[status(503, "etcd is away")] * 3)
    assert collect(server).seen("Pod") == FIVE
    server.script(PODS, *[status(500, "internal error")] * 9)
    collected = collect(server, patience=Patience(first_wait_s=0.01, longest_wait_s=0.01, attempts=3))
    assert (collected.told["pods"].problem, collected.told["pods"].retries) == ("internal error", 2)


def test_a_text_of_a_proxy_is_shown_as_the_problem(server: ApiServer, collect: Collect) -> None:
    server.script(PODS, *[lambda handler: handler.send(502, b"<html>bad gateway</html>")] * 4)
    assert collect(server).told["pods"].problem == "HTTP 502 Bad Gateway: <html>bad gateway</html>"


def test_what_is_forbidden_is_named_with_the_missing_rule_and_the_rest_is_read(server: ApiServer, collect: Collect) -> None:
    server.forbidden = {PATHS["nodes"], PATHS["replicasets.apps"]}
    collected = collect(server, resources=ALL)
    assert collected.seen("Pod") == FIVE
    nodes, replica_sets = collected.told["nodes"], collected.told["replicasets.apps"]
    assert 'cannot list resource "nodes"' in (nodes.problem or "")
    assert nodes.rule == {"apiGroups": [""], "resources": ["nodes"], "verbs": ["list", "watch"]}
    assert (nodes.remedy or "").startswith(
        'Add to a ClusterRole the rule {apiGroups: [""], resources: ["nodes"], verbs: ["list", "watch"]}, or leave it out'
    )
    assert replica_sets.rule == {"apiGroups": ["apps"], "resources": ["replicasets"], "verbs": ["list", "watch"]}
    assert "(-n)" in (replica_sets.remedy or "")
    assert [name for name, told in collected.told.items() if told.problem] == ["nodes", "replicasets.apps"]


def test_with_namespaces_only_these_are_asked_for_and_a_missing_rule_names_them(server: ApiServer, collect: Collect) -> None:
    server.lists["pods"].append(pod("other-0", 30, 30, namespace="other"))
    server.forbidden = {"/api/v1/namespaces/shop/events"}
    collected = collect(server, namespaces=["shop", "other"], resources=["pods", "events", "nodes"])
    assert {request.path for request in server.requests} == {
        "/api/v1/nodes",
        "/api/v1/namespaces/shop/pods",
        "/api/v1/namespaces/other/pods",
        "/api/v1/namespaces/shop/events",
        "/apis/events.k8s.io/v1/namespaces/shop/events",
        "/api/v1/namespaces/other/events",
    }
    assert {name for _, name, _ in collected.seen("Pod")} == {"other-0", *(f"web-{number}" for number in range(5))}
    assert collected.told["nodes"].problem is None


def test_events_are_read_from_the_other_api_if_the_first_is_forbidden_or_not_served(server: ApiServer, collect: Collect) -> None:
    server.lists["events.events.k8s.io"] = [newer_event(each) for each in server.lists["events"]]
    for answer in (status(403, "forbidden"), status(404, "not found")):
        server.script(PATHS["events"], answer)
        collected = collect(server, resources=["events"])
        (told,) = collected.told.values()
        assert [frame["object"]["apiVersion"] for frame in collected.frames] == ["events.k8s.io/v1"] * 5
        assert (told.problem, told.target.resource.name) == (None, "events.events.k8s.io")
        assert "for events" in (told.note or "")


def test_if_both_event_apis_are_forbidden_the_first_is_what_is_missing(server: ApiServer, collect: Collect) -> None:
    server.forbidden = {PATHS["events"], PATHS["events.events.k8s.io"]}
    (told,) = collect(server, resources=["events"]).told.values()
    assert told.rule == {"apiGroups": [""], "resources": ["events"], "verbs": ["list", "watch"]}


def test_what_an_old_server_does_not_have_is_no_problem(server: ApiServer, collect: Collect) -> None:
    server.script(PATHS["cronjobs.batch"], status(404, "the server could not find the requested resource"))
    collected = collect(server, resources=["pods", "cronjobs.batch"])
    told = collected.told["cronjobs.batch"]
    assert (told.problem, told.note) == (None, "this API server does not serve it")


def test_an_empty_list_may_say_null(server: ApiServer, collect: Collect) -> None:
    server.script(
        PODS, lambda handler: handler.send(200, {"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "7"}, "items": None})
    )
    collected = collect(server)
    assert (collected.frames, collected.lists[0].resource_version) == ([], "7")
