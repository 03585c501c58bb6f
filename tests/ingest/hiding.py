"""Where secrets stand in audit logs and feeds, how JSON may be written, what wraps it, and how lines break.

Not here: tests. Each placement takes a secret and gives a line (or an object of a feed) that holds it; nothing of it may be stored.
"""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any

from tests.ingest.logs import audit, compact, event, pod

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from tests.ingest.logs import Json

HEAD, TAIL = "Zq9Xw7Vk", "Pm4Rt2Ls"
CORES = (HEAD, TAIL, base64.b64encode(HEAD.encode())[:9].decode(), "ZXlKaGJHY2lPa")
KEPT_KINDS = ["manifestworks.work.open-cluster-management.io", "serverclasses.kyma.example", "secrets", "configmaps", "serviceaccounts"]


class Pairs(list[tuple[str, Any]]):
    """A JSON object as pairs, so that a key can stand twice."""


def _with_pod(**changes: Any) -> Json:  # noqa: ANN401 - JSON
    return audit(responseObject=pod(**changes))


def _env(*entries: Any) -> Json:  # noqa: ANN401 - JSON
    return {"name": "app", "image": "web:1", "env": list(entries), "envFrom": [{"secretRef": {"name": "db"}}]}


def _request(body: Any, verb: str = "patch", resource: str = "deployments", group: str | None = "apps", **more: Any) -> Json:  # noqa: ANN401 - JSON
    reference = {"resource": resource, "namespace": "shop", "name": "web", "apiGroup": group, "subresource": None} | more.pop("reference", {})
    return audit(verb=verb, level="Request", responseObject=None, objectRef=reference) | {"requestObject": body} | more


def _secret_object(secret: str, kind: str = "Secret") -> Json:
    return {
        "kind": kind,
        "apiVersion": "v1",
        "metadata": {"name": "db", "namespace": "shop", "uid": "s", "annotations": {"a": "b"}},
        "data": {"password": base64.b64encode(secret.encode()).decode(), "kind": secret, "name": secret},
        "stringData": {"a}": secret, "code": secret},
        "binaryData": {"k": base64.b64encode(secret.encode()).decode()},
        "type": "Opaque",
    }


def _about_secrets(secret: str, verb: str, **more: Any) -> Json:  # noqa: ANN401 - JSON
    body = _secret_object(secret)
    answer = {"kind": "SecretList", "apiVersion": "v1", "items": [body]} if verb in {"list", "deletecollection"} else body
    return _request(body, verb, "secrets", None) | {"responseObject": answer} | more


def _answered(message: str) -> Json:
    return audit(verb="create", objectRef={"subresource": None}, responseStatus={"code": 422, "message": message}) | {
        "responseObject": {"kind": "Status", "message": message, "details": {"causes": [{"message": message}]}, "code": 422}
    }


def _uri(uri: str) -> Json:
    return audit(verb="get", objectRef={"subresource": "exec"}, requestURI=uri, responseObject=None)


def _in_template(secret: str, kind: str, *path: str) -> Json:
    template: Json = {"metadata": {"annotations": {"example.com/original": compact(_env({"name": "P", "value": secret}))}}}
    template["spec"] = {"initContainers": [_env({"name": "P", "value": secret})]}
    for key in reversed(path):
        template = {key: template}
    return {"kind": kind, "apiVersion": "apps/v1", "metadata": {"name": "web", "uid": "w", "resourceVersion": "5"}, **template}


def _owner(secret: str, kind: str, resource: str, group: str, *path: str) -> Json:
    body = _in_template(secret, kind, *path) | {"apiVersion": f"{group}/v1"}
    return _request(body, "update", resource, group, level="RequestResponse", responseObject=body)


def _operation(path: str, value: Any, *order: str) -> Json:  # noqa: ANN401 - JSON
    operation = {"op": "replace", "path": path, "value": value}
    return _request([{key: operation[key] for key in order or ("op", "path", "value")}])


def _annotated(key: str, secret: str) -> Json:
    return _with_pod(metadata={"annotations": {key: secret}})


OPAQUE: tuple[Callable[[str], Json], ...] = (
    lambda s: _with_pod(spec={"containers": [_env({"name": "P", "value": s})]}),
    lambda s: _with_pod(spec={"containers": [_env({"value": s, "name": "P"})]}),
    lambda s: _with_pod(spec={"containers": [_env({"value": s, "valueFrom": None, "name": "P"}, {"name": "Q", "x": [1], "value": s})]}),
    lambda s: _with_pod(spec={"containers": [_env(Pairs([("name", "P"), ("value", s), ("value", s), ("name", "Q")]))]}),
    lambda s: _with_pod(spec={"initContainers": [_env({"name": "P", "value": s})]}),
    lambda s: _with_pod(spec={"ephemeralContainers": [_env({"name": 'a"b\\', "value": s})]}),
    lambda s: _with_pod(spec={"containers": [{"name": "a", "livenessProbe": {"httpGet": {"httpHeaders": [{"name": "X-Key", "value": s}]}}}]}),
    lambda s: _owner(s, "Deployment", "deployments", "apps", "spec", "template"),
    lambda s: _owner(s, "CronJob", "cronjobs", "batch", "spec", "jobTemplate", "spec", "template"),
    lambda s: _request({"spec": {"template": {"spec": {"containers": [{"name": "a", "env": [{"name": "P", "value": s}]}]}}}}),
    lambda s: _request(
        {"spec": {"containers": [{"env": [{"$patch": "replace"}, {"value": s, "name": "P"}], "name": "a"}]}}, resource="pods", group=None
    ),
    lambda s: _request({"metadata": {"uid": "u"}, "spec": {"containers": [_env({"name": "P", "value": s})]}}, responseStatus={"code": 201}),
    lambda s: _operation("/spec/containers/0/env/0/value", s),
    lambda s: _operation("/spec/containers/0/env/0/value", s, "path", "op", "value"),
    lambda s: _operation("/spec/containers/0/env/0/value", s, "value", "op", "path"),
    lambda s: _operation("/spec/containers/0/env/-", {"name": "P", "valueFrom": None, "value": s}),
    lambda s: _operation("/spec/containers/0/env", [{"name": "P", "value": s}], "value", "path", "op"),
    lambda s: _operation("", {"spec": {"containers": [_env({"name": "P", "value": s})]}}),
    lambda s: _operation("/data/password", s),
    lambda s: _operation("/stringData", {"password": s}),
    lambda s: _operation("/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration", s),
    lambda s: _operation("/metadata/annotations/example.com~1manifest", compact({"x": s})),
    lambda s: _request([Pairs([("op", "test"), ("path", "/x"), ("path", "/spec/env/0/value"), ("value", s)])]),
    lambda s: _about_secrets(s, "create"),
    lambda s: _about_secrets(s, "get"),
    lambda s: _about_secrets(s, "list"),
    lambda s: _about_secrets(s, "deletecollection"),
    lambda s: _about_secrets(s, "create", responseStatus={"code": 403}),
    lambda s: _request([{"op": "replace", "path": "/data/password", "value": s}], resource="secrets", group=None),
    lambda s: _request({"stringData": {"password": s}}, resource="secrets", group=None),
    lambda s: _request(_secret_object(s, "ConfigMap"), "create", "configmaps", None),
    lambda s: _request({"spec": {"token": s}}, "create", "tokenreviews", "authentication.k8s.io"),
    lambda s: (
        audit(verb="create", objectRef={"resource": "serviceaccounts", "subresource": "token"})
        | {"requestObject": {"spec": {"audiences": ["x"]}}, "responseObject": {"kind": "TokenRequest", "status": {"token": s}}}
    ),
    lambda s: _annotated("kubectl.kubernetes.io/last-applied-configuration", compact({"spec": {"env": [{"name": "P", "value": s}]}})),
    lambda s: _annotated("kubectl.kubernetes.io/last-applied-configuration", s),
    lambda s: _annotated("kopf.zalando.org/last-handled-configuration", compact({"password": s})),
    lambda s: _annotated("objectset.rio.cattle.io/applied", "H4sI" + s),
    lambda s: _annotated("kapp.k14s.io/original", json.dumps({"data": {"password": s}}, indent=2)),
    lambda s: _annotated("ad.datadoghq.com/app.checks", compact([{"password": s}])),
    lambda s: _annotated("example.com/users", compact([s])),
    lambda s: _annotated("example.com/users", json.dumps([s], indent=2)),
    lambda s: _annotated("example.com/users", '{  "a" : ' + json.dumps(s) + "}"),
    lambda s: _annotated("example.com/users", "\n  " + json.dumps({"a": s}, indent=2)),
    lambda s: _with_pod(spec={"containers": [{"name": "a", "args": [compact({"accessToken": s})]}]}),
    lambda s: _with_pod(spec={"containers": [{"name": "a", "args": ["x", '{  "password" : ' + json.dumps(s) + "}"]}]}),
    lambda s: audit(annotations={"patch.webhook.admission.k8s.io/round_0_index_0": compact({"patch": [{"op": "add", "path": "/x", "value": s}]})}),
    lambda s: _answered(
        f'Pod "web" is invalid: spec: Forbidden: pod updates may not change fields other than `x`\n  core.PodSpec{{\n Env: {{Name: "P", - Value: {json.dumps(s)}}}'
    ),
    lambda s: _answered(
        f"Job is invalid: spec.template: Invalid value: core.PodTemplateSpec{{Env:[]core.EnvVar{{core.EnvVar{{Value:{json.dumps(s)}}}}}}}: field is immutable"
    ),
    lambda s: _answered(f"Job is invalid: spec.template: Invalid value: {compact({'env': [{'name': 'P', 'value': s}]})}: field is immutable"),
    lambda s: _request({"spec": {"workload": {"manifests": [_secret_object(s)]}}}, "create", "manifestworks", "work.open-cluster-management.io"),
    lambda s: _request(
        {"spec": {"raw": compact(_secret_object(s)), "deep": compact({"x": compact({"value": s})})}},
        "create",
        "manifestworks",
        "work.open-cluster-management.io",
    ),
    lambda s: _request(
        {"spec": {"raw": f"apiVersion: v1\nkind: Secret\nstringData:\n  password: {s}\n"}},
        "create",
        "manifestworks",
        "work.open-cluster-management.io",
    ),
    lambda s: _request(
        {"spec": {"raw": f'apiVersion: v1\nstringData:\n  password: {s}\nkind:  "Secret"\n'}},
        "create",
        "manifestworks",
        "work.open-cluster-management.io",
    ),
)
"""Secrets of any text, told by where they stand."""

TOKENS: tuple[Callable[[str], Json], ...] = (
    lambda s: _uri(f"/api/v1/pods?watch=true&access_token={s}&x=1"),
    lambda s: _uri(f"/api/v1/namespaces/shop/services/web/proxy/login?user=a&password={s}"),
    lambda s: _uri(f"/api/v1/namespaces/shop/pods/web-1/exec?command=mysql&command=-p{s}&container=app&stdin=true"),
    lambda s: _uri(f"/api/v1/namespaces/shop/pods/web-1/attach?command={s}"),
    lambda s: audit(responseStatus={"code": 401, "message": f"bad header: Bearer {s}"}),
    lambda s: audit(userAgent=f"tool/1 token={s}"),
    lambda s: _with_pod(status={"message": f"Get https://user:{s}@registry.example/v2/: refused"}),
    lambda s: (
        audit(verb="create", objectRef={"resource": "events"}, responseObject=None) | {"responseObject": event(message=f"fetch ?token={s}: 403")}
    ),
    lambda s: _with_pod(spec={"containers": [{"name": "a", "args": [f"--api-key={s}", "--v=2"]}]}),
    lambda s: (
        audit(verb="create", objectRef={"resource": "events"}, responseObject=None)
        | {"responseObject": event(message=f'sent {{"password" : "{s}"}}')}
    ),
    lambda s: _annotated("note", f"authorization: bearer {s}"),
    lambda s: _with_pod(spec={"containers": [{"name": "a", "args": ["--token", "sha256~" + s.translate({46: "_", 126: "_"})]}]}),
    lambda s: _request({"metadata": {"annotations": {"note": f"-----BEGIN RSA PRIVATE KEY----- {s} -----END RSA PRIVATE KEY-----"}}}),
)
"""Words of token characters, told by the word before them."""

WEB_TOKENS: tuple[Callable[[str], Json], ...] = (
    lambda s: _with_pod(status={"containerStatuses": [{"name": "a", "state": {"terminated": {"message": f"login with {s} failed"}}}]}),
    lambda s: audit(verb="create", objectRef={"resource": "events"}, responseObject=None) | {"responseObject": event(message=f"got {s}: no")},
    lambda s: _uri(f"/apis/x/{s}"),
    lambda s: audit(responseStatus={"code": 401, "message": s}),
)
"""JSON web tokens, told by their own shape."""


def web_token(secret: str) -> str:
    """A JSON web token around a secret."""
    return f"eyJhbGciOiJSUzI1NiJ9.{secret}AAAAAAAA.{secret}_-x"


def rendered(value: Any, style: random.Random) -> str:  # noqa: ANN401 - JSON
    """JSON as some program may write it: spaces, escapes that need not be, and keys in their order."""
    escapes, spaces = style.choice((0.0, 0.0, 0.0, 0.2)), style.choice(("", "", " "))
    return _rendered(value, style, escapes, spaces)


def _rendered(value: Any, style: random.Random, escapes: float, spaces: str) -> str:  # noqa: ANN401 - JSON
    colon, comma = f"{spaces}:{spaces}", f",{spaces}"
    if isinstance(value, dict | Pairs):
        pairs = value.items() if isinstance(value, dict) else value
        inner = comma.join(f"{_text(key, style, escapes)}{colon}{_rendered(each, style, escapes, spaces)}" for key, each in pairs)
        return "{" + inner + "}"
    if isinstance(value, list):
        return f"[{comma.join(_rendered(each, style, escapes, spaces) for each in value)}]"
    return _text(value, style, escapes) if isinstance(value, str) else json.dumps(value)


def _text(text: str, style: random.Random, escapes: float) -> str:
    if not escapes:
        return json.dumps(text, ensure_ascii=style.random() < 0.5)
    return '"' + "".join(f"\\u{ord(each):04x}" if style.random() < escapes and ord(each) < 0x10000 else json.dumps(each)[1:-1] for each in text) + '"'


def _gke(line: Json) -> Json:
    reference = line["objectRef"]
    place = [reference.get("apiGroup") or "core", "v1", "namespaces", "shop", reference["resource"], reference.get("name") or "x"]
    payload = {
        "serviceName": "k8s.io",
        "methodName": f"io.k8s.core.v1.{reference['resource']}.{line['verb']}",
        "resourceName": "/".join(place + ([reference["subresource"]] if reference.get("subresource") else [])),
        "request": line.get("requestObject"),
        "response": line.get("responseObject"),
        "status": {"code": 0, "message": line["responseStatus"].get("message", "")},
    }
    return {
        "insertId": line["auditID"],
        "logName": "projects/p/logs/x",
        "labels": line["annotations"],
        "protoPayload": payload,
        "timestamp": line["stageTimestamp"],
    }


_AKS_COLUMNS = {
    "AuditId": "auditID",
    "Level": "level",
    "Stage": "stage",
    "RequestUri": "requestURI",
    "Verb": "verb",
    "User": "user",
    "SourceIps": "sourceIPs",
    "UserAgent": "userAgent",
    "ObjectRef": "objectRef",
    "ResponseStatus": "responseStatus",
    "RequestObject": "requestObject",
    "ResponseObject": "responseObject",
    "RequestReceivedTime": "requestReceivedTimestamp",
    "StageReceivedTime": "stageTimestamp",
    "Annotations": "annotations",
}


def _aks_row(line: Json, style: random.Random) -> Json:
    """A row of AKSAudit, whose objects are objects or text."""
    row = {column: line.get(name) for column, name in _AKS_COLUMNS.items()}
    return {"PodName": "kube-apiserver-1", **{column: _as_text(value, style) for column, value in row.items()}}


def _as_text(value: Any, style: random.Random) -> Any:  # noqa: ANN401 - JSON
    return rendered(value, style) if isinstance(value, dict | list) and style.random() < 0.5 else value


def _otlp(text: str) -> Json:
    return {"resourceLogs": [{"resource": {"attributes": []}, "scopeLogs": [{"logRecords": [{"body": {"stringValue": text}}]}]}]}


_AZURE = {"category": "kube-audit", "operationName": "Microsoft.ContainerService/managedClusters/diagnosticLogs/Read", "time": "2026-11-23T07:17:11Z"}


def _cri(text: str) -> str:
    half = len(text) // 2
    return f"2026-11-23T07:17:11.0Z stdout P {text[:half]}\n2026-11-23T07:17:11.1Z stdout F {text[half:]}"


WRAPPERS: dict[str, Callable[[Json, random.Random], str]] = {
    "audit_lines": rendered,
    "audit_batches": lambda line, style: rendered({"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "items": [line]}, style),
    "cloudwatch_lines": lambda line, style: f"2026-11-23T07:17:11.000Z {rendered(line, style)}",
    "cloudwatch_batches": lambda line, style: rendered({"messageType": "DATA_MESSAGE", "logEvents": [{"message": rendered(line, style)}]}, style),
    "azure_lines": lambda line, style: rendered({**_AZURE, "properties": {"log": rendered(line, style)}}, style),
    "azure_objects": lambda line, style: rendered({**_AZURE, "properties": {"log": line}}, style),
    "azure_batches": lambda line, style: rendered({"records": [{**_AZURE, "properties": {"log": rendered(line, style)}}]}, style),
    "gke_entries": lambda line, style: rendered(_gke(line), style),
    "shipper_lines": lambda line, style: rendered({"@timestamp": "2026-11-23T07:17:11Z", "message": rendered(line, style)}, style),
    "loki_streams": lambda line, style: rendered({"stream": {"job": "a"}, "values": [["1795417355000000000", rendered(line, style)]]}, style),
    "cri_lines": lambda line, style: _cri(rendered(line, style)),
    "aks_rows": lambda line, style: rendered(_aks_row(line, style), style),
    "aks_batches": lambda line, style: rendered({"records": [_aks_row(line, style)]}, style),
    "otlp_batches": lambda line, style: rendered(_otlp(rendered(line, style)), style),
    "prefixed_lines": lambda line, style: f"Nov 23 07:17:11 cp-1 kube-apiserver[912]: {rendered(line, style)}",
}


def feed_object(line: Json) -> Json | None:
    """The object that an audited line holds, as a feed would show it."""
    found = line.get("responseObject")
    return found if isinstance(found, dict) and found.get("kind") in {"Pod", "Event", "Secret", "Deployment", "CronJob", "SecretList"} else None


FEEDS: dict[str, Callable[[Json, random.Random], str]] = {
    "watch_frames": lambda found, style: rendered({"type": "MODIFIED", "observed_at": "2026-11-23T07:17:11Z", "object": found}, style),
    "object_lines": rendered,
    "object_list": lambda found, style: rendered({"kind": "List", "apiVersion": "v1", "items": [found]}, style),
    "eventrouter_lines": lambda found, style: rendered({"verb": "UPDATED", "event": found, "old_event": found}, style),
    "sloop_records": lambda found, style: rendered(
        {"timestamp": {"seconds": 1795417355}, "kind": found["kind"], "watchType": 1, "payload": rendered(found, style)}, style
    ),
    # A log of the user's own that quotes objects of the API.
    "records/own": lambda found, style: rendered({"ts": "2026-11-23T07:17:11Z", "object": found}, style),
}
OWN_SHAPES = ("records/own",)
OWN = {"own": {"at": "$.ts", "name": "$.object.metadata.name", "detail": "$.object"}}


def _untimed(data: bytes) -> bytes:
    return data.replace(b"stageTimestamp", b"stageTimestomp").replace(b"timestamp", b"timestomp").replace(b"observed_at", b"observed_et")


# A letter that is lost makes another word, which nobody can tell from others; a sign makes other JSON or none.
_BREAKS: dict[str, Callable[[bytes, int, int], bytes]] = {
    "end cut": lambda data, place, _sign: data[:place],
    "start cut": lambda data, place, _sign: data[place:],
    "truncated by the service": lambda data, place, _sign: data[:place] + b"[Truncated...]",
    "sign lost": lambda data, _place, sign: data[: sign - 1] + data[sign:],
    "sign doubled": lambda data, _place, sign: data[:sign] + data[sign - 1 :],
    "no UTF-8": lambda data, place, _sign: data[:place] + b"\xff\xfe" + data[place:],
    "no time": lambda data, _place, _sign: _untimed(data),
    "bad time": lambda data, _place, _sign: data.replace(b"2026-11-23T07:17:10.634512Z", b"yesterday"),
}
BREAKS = tuple(_BREAKS)


def broken(text: str, how: str, style: random.Random) -> bytes:
    """A line as broken as `how` says."""
    data = text.encode()
    place = style.randrange(1, max(2, len(data)))
    sign = style.choice([found.end() for found in re.finditer(rb'["{}\[\],]', data)] or [1])
    return _BREAKS[how](data, place, sign)
