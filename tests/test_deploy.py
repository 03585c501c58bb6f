"""The manifests of `deploy/`: what the API server would read in them, and what they say of each other and of this program."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from grafana_foundation_sdk.cog import encoder, plugins
from grafana_foundation_sdk.models.dashboard import Dashboard
from kubernetes.client import ApiClient
from typer.main import get_command

from pipelines.cli.commands import app
from pipelines.config import Settings
from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

Json = dict[str, Any]

_MANIFESTS = sorted(path for path in (REPOSITORY / "deploy").glob("*.yaml") if "apiVersion:" in path.read_text(encoding="utf-8"))


def _documents(path: Path) -> list[Json]:
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


_DOCUMENTS = [(path.name, document) for path in _MANIFESTS for document in _documents(path)]
_SERVE = {document["kind"]: document for name, document in _DOCUMENTS if name == "serve.yaml"}
_POD: Json = _SERVE["Deployment"]["spec"]["template"]
_CONTAINER: Json = _POD["spec"]["containers"][0]


@pytest.mark.parametrize(("name", "document"), _DOCUMENTS, ids=[f"{name}-{document['kind']}" for name, document in _DOCUMENTS])
def test_the_official_client_knows_every_field(name: str, document: Json) -> None:
    with ApiClient() as client:
        # Whatever the client's model does not have is lost on the way, and what it must have makes it fail.
        model = client.deserialize(json.dumps(document), f"V1{document['kind']}", "application/json")
        assert client.sanitize_for_serialization(model) == document, name


@pytest.mark.parametrize(("name", "document"), _DOCUMENTS, ids=[f"{name}-{document['kind']}" for name, document in _DOCUMENTS])
def test_what_runs_does_so_without_rights_and_within_limits(name: str, document: Json) -> None:
    for pod in _pods(document):
        for container in pod["containers"]:
            context = {**pod.get("securityContext", {}), **container["securityContext"]}
            assert context["runAsNonRoot"] is context["readOnlyRootFilesystem"] is True, name
            assert (context["allowPrivilegeEscalation"], context["capabilities"]) == (False, {"drop": ["ALL"]})
            assert {"cpu", "memory"} <= container["resources"]["requests"].keys()
            assert "memory" in container["resources"]["limits"]
            assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}


def test_grafana_knows_every_field_of_the_dashboard() -> None:
    plugins.register_default_plugins()
    dashboard = json.loads((REPOSITORY / "deploy" / "grafana-dashboard.json").read_text(encoding="utf-8"))
    again = json.loads(encoder.JSONEncoder().encode(Dashboard.from_json(dashboard)))
    # The model leaves out what it does not know, and adds its defaults.
    assert _lost(dashboard, again) == []


def _lost(wanted: Any, found: Any, place: str = "$") -> list[str]:  # noqa: ANN401 - JSON
    """The places of a document whose value is not in another one."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        return [
            lost for key, value in wanted.items() for lost in (_lost(value, found[key], f"{place}.{key}") if key in found else [f"{place}.{key}"])
        ]
    if isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        return [lost for number, value in enumerate(wanted) for lost in _lost(value, found[number], f"{place}[{number}]")]
    return [] if wanted == found else [place]


def _pods(document: Any) -> list[Json]:  # noqa: ANN401 - any part of a manifest
    """The specifications of pods inside of a manifest."""
    if isinstance(document, dict):
        return [document] if "containers" in document else [pod for value in document.values() for pod in _pods(value)]
    return []


def test_the_server_is_started_with_options_that_there_are() -> None:
    program, command, *options = _CONTAINER["args"]
    flags = {flag for each in get_command(app).commands[command].params for flag in each.opts}  # type: ignore[attr-defined] # typer's groups have commands
    assert (program, command) == ("lorgnette", "serve")
    assert {option for option in options if option.startswith("--")} <= flags


def test_the_settings_of_the_server_are_understood() -> None:
    settings = Settings.model_validate(yaml.safe_load(_SERVE["ConfigMap"]["data"]["lorgnette.yaml"]))
    assert settings.lake == "s3://platform-lorgnette/lake"


def test_the_parts_of_the_server_name_each_other() -> None:
    options = dict(zip(_CONTAINER["args"][2::2], _CONTAINER["args"][3::2], strict=True))
    mounts = {mount["name"]: mount["mountPath"] for mount in _CONTAINER["volumeMounts"]}
    assert options["--config"] == f"{mounts['config']}/lorgnette.yaml"
    assert options["--tokens"].rpartition("/")[0] == mounts["tokens"]
    volumes = {volume["name"]: volume for volume in _POD["spec"]["volumes"]}
    assert volumes["config"]["configMap"]["name"] == _SERVE["ConfigMap"]["metadata"]["name"]
    labels = _POD["metadata"]["labels"]
    selectors = [
        _SERVE["Deployment"]["spec"]["selector"]["matchLabels"],
        _SERVE["Service"]["spec"]["selector"],
        _SERVE["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"],
    ]
    assert selectors == [labels] * 3
    (port,) = _CONTAINER["ports"]
    assert options["--port"] == str(port["containerPort"])
    named = [_SERVE["Service"]["spec"]["ports"][0]["targetPort"], _SERVE["NetworkPolicy"]["spec"]["ingress"][0]["ports"][0]["port"]]
    probes = [_CONTAINER[probe]["httpGet"] for probe in ("startupProbe", "readinessProbe", "livenessProbe")]
    assert [*named, *(probe["port"] for probe in probes)] == [port["name"]] * 5
    assert {probe["path"] for probe in probes} == {"/healthz"}
