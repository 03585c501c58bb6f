"""What is asked for, and that the manifest in `deploy/` grants just that."""

from __future__ import annotations

import inspect

import pytest
import yaml

from pipelines.config import LIVE_RESOURCES, TRACKED_KINDS
from pipelines.sources.live import RESOURCES, Resource, Target, api, rules, targets
from tests.conftest import REPOSITORY


def documents(name: str) -> dict[str, dict[str, object]]:
    return {each["kind"]: each for each in yaml.safe_load_all((REPOSITORY / "deploy" / name).read_text(encoding="utf-8"))}


def test_the_manifest_grants_what_is_asked_for_and_nothing_else() -> None:
    found = documents("rbac.yaml")
    asked = rules(target.resource for target in targets(LIVE_RESOURCES, []))
    assert [{key: set(rule[key]) for key in rule} for rule in found["ClusterRole"]["rules"]] == [  # type: ignore[attr-defined]
        {key: set(values) for key, values in rule.items()} for rule in asked
    ]
    assert found["ClusterRoleBinding"]["subjects"] == [{"kind": "ServiceAccount", **found["ServiceAccount"]["metadata"]}]  # type: ignore[dict-item]


def test_the_cron_job_uses_the_service_account_and_a_command_that_exists() -> None:
    from typer.main import get_command

    from pipelines.cli.commands import app

    spec = documents("cronjob.yaml")["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]  # type: ignore[index]
    assert spec["serviceAccountName"] == documents("rbac.yaml")["ServiceAccount"]["metadata"]["name"]  # type: ignore[index]
    program, command, *options = spec["containers"][0]["args"]
    flags = {flag for each in get_command(app).commands[command].params for flag in each.opts}  # type: ignore[attr-defined]
    assert program == "lorgnette"
    assert {option for option in options if option.startswith("--")} <= flags


def test_a_rule_is_for_reading_only() -> None:
    for rule in rules(RESOURCES.values()):
        assert rule["verbs"] == ["list", "watch"]
        assert not {"secrets", "configmaps", "*"} & set(rule["resources"])


def test_everything_that_ingest_tracks_is_read() -> None:
    kinds = {f"{each.kind}.{each.group}".strip(".") for each in RESOURCES.values()}
    assert kinds == {*TRACKED_KINDS, "Event", "Event.events.k8s.io"}


@pytest.mark.parametrize("resource", RESOURCES.values(), ids=list(RESOURCES))
def test_the_client_can_list_and_watch_each_resource(resource: Resource) -> None:
    from kubernetes.client import ApiClient

    with ApiClient() as client:
        for namespace in ["shop", None] if resource.is_namespaced else [None]:
            method = api._method(client, Target(resource, namespace))  # noqa: SLF001 - the name is what is to be held
            assert {"limit", "_continue", "watch", "allow_watch_bookmarks", "resource_version", "timeout_seconds"} <= set(
                inspect.signature(method).parameters
            )


def test_namespaces_come_first_and_what_the_watermark_is_near_to_last() -> None:
    names = [target.resource.name for target in targets(LIVE_RESOURCES, [])]
    assert (names[0], names[-2:]) == ("namespaces", ["pods", "events"])


def test_what_has_no_namespace_is_asked_for_once() -> None:
    assert list(map(str, targets(["pods", "nodes"], ["a", "b"]))) == ["nodes", "pods in namespace a", "pods in namespace b"]
