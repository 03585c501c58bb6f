"""What is hidden before the first byte is stored, wherever it shows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.errors import ConfigError
from tests.ingest.logs import audit, compact, event, pod

if TYPE_CHECKING:
    from tests.ingest.logs import Json
    from tests.ingest.reading import Reading

SECRET = "hunter2-s3cr3t"  # noqa: S105 - what must not be found
TOKEN = "eyJhbGciOiJSUzI1NiIsImtpZCI6Ing.eyJpc3MiOiJrdWJlcm5ldGVzL3NlcnZpY2U.c2lnbmF0dXJl"  # noqa: S105


def _with_env(*entries: Json) -> Json:
    return audit(responseObject=pod(spec={"containers": [{"name": "app", "image": "web:1", "env": list(entries)}]}))


_SECRET_OBJECT = {
    "kind": "Secret",
    "apiVersion": "v1",
    "metadata": {"name": "db", "uid": "s"},
    "data": {"password": SECRET},
    "stringData": {"a}": SECRET},
}
_SECRETS = {"resource": "secrets", "name": "db", "subresource": None}


@pytest.mark.parametrize(
    "line",
    [
        _with_env({"name": "PASSWORD", "value": SECRET}),
        _with_env({"value": SECRET, "name": "PASSWORD"}),
        _with_env({"name": 'a"b', "value": f'x"{SECRET}\\'}),
        audit(responseObject=pod(metadata={"annotations": {"kubectl.kubernetes.io/last-applied-configuration": compact({"env": [{"x": SECRET}]})}})),
        audit(level="Request", verb="patch", responseObject=None)
        | {"requestObject": [{"op": "add", "path": "/spec/containers/0/env/0/value", "value": SECRET}]},
        audit(level="Request", verb="patch", responseObject=None)
        | {"requestObject": [{"op": "add", "value": SECRET, "path": "/spec/containers/0/env/0/value"}]},
        audit(verb="create", objectRef=_SECRETS) | {"requestObject": _SECRET_OBJECT, "responseObject": _SECRET_OBJECT},
        audit(verb="create", objectRef=_SECRETS, responseStatus={"code": 403}) | {"requestObject": _SECRET_OBJECT},
        audit(verb="patch", objectRef=_SECRETS)
        | {"requestObject": [{"op": "replace", "path": "/data/password", "value": SECRET}], "responseObject": _SECRET_OBJECT},
        audit(verb="create", objectRef={"resource": "configmaps", "subresource": None}) | {"requestObject": _SECRET_OBJECT | {"kind": "ConfigMap"}},
        audit(verb="create", objectRef={"resource": "serviceaccounts", "subresource": "token"})
        | {"responseObject": {"kind": "TokenRequest", "status": {"token": SECRET}}},
        audit(verb="create", objectRef={"resource": "tokenreviews", "apiGroup": "authentication.k8s.io", "subresource": None})
        | {"requestObject": {"spec": {"token": SECRET}}},
        audit(
            annotations={
                "patch.webhook.admission.k8s.io/round_0_index_0": compact(
                    {"patch": [{"op": "add", "path": "/x", "value": [{"name": "P", "value": SECRET}]}]}
                )
            }
        ),
        audit(responseObject=pod(metadata={"annotations": {"kopf.zalando.org/last-handled-configuration": compact({"password": SECRET})}})),
        audit(requestURI=f"/api/v1/pods?watch=true&access_token={SECRET}&x=1"),
        audit(requestURI=f"/api/v1/pods?token={TOKEN}"),
        audit(responseStatus={"code": 401, "message": f"bad header: Bearer {SECRET}"}),
        audit(verb="create", objectRef={"resource": "events", "subresource": None}, responseObject=None)
        | {"responseObject": event(message=f"got {TOKEN} for it")},
    ],
)
@pytest.mark.parametrize("keep_bodies_of", [[], ["secrets", "configmaps", "serviceaccounts", "tokenreviews.authentication.k8s.io"]])
def test_no_secret_is_stored(reading: Reading, line: Json, keep_bodies_of: list[str]) -> None:
    report = reading.read(line, ingest={"keep_bodies_of": keep_bodies_of})
    assert (report.kept, report.quarantined) == (1, 0)
    stored = reading.stored()
    assert SECRET.encode() not in stored
    assert TOKEN.split(".")[1].encode() not in stored


@pytest.mark.parametrize(
    "line",
    [
        compact(audit(objectRef=_SECRETS) | {"requestObject": _SECRET_OBJECT, "responseObject": _SECRET_OBJECT})[:-30],
        compact(_with_env({"name": "PASSWORD", "value": SECRET}))[:-200],
        '{"name": "PASSWORD", "value": "' + SECRET,
        compact({"apiVersion": "v1", "data": {"password": SECRET}, "kind": "Secret"})[:45],
        compact(audit(stageTimestamp="yesterday", objectRef=_SECRETS) | {"responseObject": _SECRET_OBJECT}),
        compact(audit(stageTimestamp="yesterday", requestURI="/x?access_token=" + SECRET)),
        '{"kubectl.kubernetes.io/last-applied-configuration":"{\\"x\\":\\"' + SECRET,
        "Authorization: Bearer " + SECRET + TOKEN,
    ],
)
def test_no_secret_is_quarantined(reading: Reading, line: str) -> None:
    report = reading.read(audit(), line, audit(auditID="b"))
    assert (report.kept, report.quarantined) == (2, 1)
    assert SECRET.encode() not in reading.stored()
    assert reading.row("quarantine")["raw"]


def test_what_is_hidden_leaves_valid_json(reading: Reading) -> None:
    reading.read(
        _with_env(
            {"name": "A", "value": SECRET}, {"name": "B", "valueFrom": {"secretKeyRef": {"name": "db", "key": "k"}}}, {"name": "C", "value": ""}
        )
    )
    env = json.loads(reading.row("objects")["body"])["spec"]["containers"][0]["env"]
    assert env == [
        {"name": "A", "value": "[redacted]"},
        {"name": "B", "valueFrom": {"secretKeyRef": {"name": "db", "key": "k"}}},
        {"name": "C", "value": "[redacted]"},
    ]


def test_tolerations_and_taints_keep_their_values(reading: Reading) -> None:
    toleration = {"key": "dedicated", "operator": "Equal", "value": "gpu", "effect": "NoSchedule"}
    reading.read(audit(responseObject=pod(spec={"tolerations": [toleration]})))
    assert json.loads(reading.row("objects")["body"])["spec"]["tolerations"] == [toleration]


@pytest.mark.parametrize("line", [audit(responseObject=pod(spec={"nodeName": "acme-17"})), audit(requestURI="/acme-17"), "broken acme-17"])
def test_patterns_of_the_user_are_hidden_everywhere(reading: Reading, line: Json | str) -> None:
    reading.read(audit(auditID="b"), line, redaction={"patterns": ["acme-[0-9]+", "never"]})
    assert b"acme-17" not in reading.stored()
    assert b"[redacted]" in reading.stored()


def test_a_pattern_that_is_not_understood_is_refused(reading: Reading) -> None:
    with pytest.raises(ConfigError, match="RE2"):
        reading.read(audit(), redaction={"patterns": ["(?=x)"]})


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        ({"container_env": False}, _with_env({"name": "PASSWORD", "value": SECRET})),
        ({"last_applied": False}, audit(responseObject=pod(metadata={"annotations": {"kubectl.kubernetes.io/last-applied-configuration": SECRET}}))),
        ({"tokens": False}, audit(requestURI=f"/x?access_token={SECRET}")),
        ({"exec_commands": False}, audit(requestURI=f"/exec?command={SECRET}")),
        ({"container_commands": False}, audit(responseObject=pod(spec={"containers": [{"name": "a", "command": ["sh", SECRET]}]}))),
    ],
)
def test_redaction_can_be_switched_off(reading: Reading, setting: dict[str, Any], line: Json) -> None:
    reading.read(line, redaction=setting)
    assert SECRET.encode() in reading.stored()


@pytest.mark.parametrize(
    "line",
    [
        audit(responseObject=pod(spec={"containers": [{"name": "a", "command": ["sh", "-c", f'x]"{SECRET}'], "args": [SECRET]}]})),
        audit(responseObject=pod(spec={"containers": [{"name": "a", "lifecycle": {"preStop": {"exec": {"command": [SECRET]}}}}]})),
        audit(verb="patch", responseObject=None) | {"requestObject": [{"op": "add", "path": "/spec/containers/0/args/0", "value": SECRET}]},
        audit(verb="create", objectRef={"resource": "events"}, responseObject=None)
        | {"responseObject": event(message=f"Exec lifecycle hook ([sh -c {SECRET}]) for Container failed")},
        audit(verb="create", objectRef={"resource": "events"}, responseObject=None)
        | {"responseObject": event(message=f'Error: exec: "--key {SECRET}": executable file not found in $PATH')},
    ],
)
def test_commands_of_containers_are_hidden_on_request(reading: Reading, line: Json) -> None:
    reading.read(line, redaction={"container_commands": True})
    assert SECRET.encode() not in reading.stored()
    assert b"[redacted]" in reading.stored()


def test_what_a_json_patch_changes_is_kept_where_it_is_no_secret(reading: Reading) -> None:
    operations = [
        {"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "web:2"},
        {"op": "remove", "path": "/metadata/finalizers/0"},
        {"op": "add", "path": "/spec/x", "value": {"env": [{"name": "P", "value": SECRET}, {"name": "Q", "valueFrom": {"fieldRef": {}}}]}},
        {"op": "move", "from": "/a", "path": "/b"},
        {"op": "add", "path": "/spec/n", "value": None},
    ]
    reading.read(
        audit(verb="patch", objectRef={"resource": "deployments", "apiGroup": "apps", "subresource": None}, responseObject=None)
        | {"requestObject": operations}
    )
    stored = json.loads(reading.row("audit_events")["request_body"])
    operations[2]["value"]["env"][0]["value"] = "[redacted]"  # type: ignore[index]
    assert stored == operations


def test_a_taint_keeps_its_value(reading: Reading) -> None:
    taint = {"key": "dedicated", "value": "gpu", "effect": "NoExecute"}
    node = {"kind": "Node", "apiVersion": "v1", "metadata": {"name": "n1", "uid": "n", "resourceVersion": "3"}, "spec": {"taints": [taint]}}
    reading.read(audit(responseObject=node))
    assert json.loads(reading.row("objects")["body"])["spec"]["taints"] == [taint]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('{"kind":"Event","level":"Metadata","auditID":"a-1","x":"y"', '{"kind":"Event","level":"Metadata","auditID":"a-1","x":"[redacted]"'),
        (
            '{"requestURI":"/api/v1/pods?token=abc","code":200,"n":1}x',
            '{"requestURI":"/api/v1/pods?token=[redacted]","code":200,"n":"[redacted]"}"[redacted]"',
        ),
        (
            '{"objectRef":{"resource":"pods","namespace":"shop","name":"web-1"},"a":[1,"b",true]',
            '{"objectRef":{"resource":"pods","namespace":"shop","name":"web-1"},"a":["[redacted]",true]',
        ),
        ("I1123 07:04:08 server.go: what now", "I1123 07:04:08 server.go: what now"),
        ("c2VjcmV0" * 9, "[redacted]"),
    ],
)
def test_of_a_line_that_cannot_be_read_the_harmless_stays(reading: Reading, text: str, kept: str) -> None:
    reading.read(audit(), text, audit(auditID="b"))
    assert reading.row("quarantine")["raw"] == kept
