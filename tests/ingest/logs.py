"""Lines of logs as the API server and kubectl write them, for tests to vary.

Not here: tests.
"""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

Json = dict[str, Any]

UID = "3b2706c4-7d5b-4f00-871a-0527459c3784"


def merged(base: Json, changes: Json) -> Json:
    """A copy of `base` with changes; None removes a key."""
    result = {key: value for key, value in base.items() if changes.get(key, value) is not None}
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            result[key] = merged(base[key], value)
        elif value is not None:
            result[key] = value
    return result


def pod(**changes: Any) -> Json:  # noqa: ANN401 - JSON
    """A pod as the API answers it."""
    return merged(
        {
            "kind": "Pod",
            "apiVersion": "v1",
            "metadata": {
                "name": "web-1",
                "namespace": "shop",
                "uid": UID,
                "resourceVersion": "100",
                "creationTimestamp": "2026-11-23T07:04:08Z",
                "managedFields": [{"manager": "kubelet", "time": "2026-11-23T07:17:10Z", "fieldsV1": {'k:{"type":"Ready"}': {}}}],
            },
            "spec": {"nodeName": "n1", "containers": [{"name": "app", "image": "web:1", "env": [{"name": "PASSWORD", "value": "hunter2"}]}]},
            "status": {"phase": "Running", "startTime": "2026-11-23T07:04:09Z"},
        },
        changes,
    )


def audit(**changes: Any) -> Json:  # noqa: ANN401 - JSON
    """An audited status patch of a pod, answered with the pod."""
    return merged(
        {
            "kind": "Event",
            "apiVersion": "audit.k8s.io/v1",
            "level": "RequestResponse",
            "auditID": "32ccd42e-9f0d-426b-9120-ebc01a3dddd8",
            "stage": "ResponseComplete",
            "requestURI": "/api/v1/namespaces/shop/pods/web-1/status",
            "verb": "patch",
            "user": {"username": "system:node:n1", "groups": ["system:nodes", "system:authenticated"]},
            "sourceIPs": ["203.0.113.9", "10.77.0.11"],
            "userAgent": "kubelet/v1.36.2 (linux/amd64) kubernetes/98b3519",
            "objectRef": {"resource": "pods", "namespace": "shop", "name": "web-1", "apiVersion": "v1", "subresource": "status"},
            "responseStatus": {"metadata": {}, "code": 200},
            "requestObject": {"metadata": {"uid": UID}, "status": {"phase": "Running"}},
            "responseObject": pod(),
            "requestReceivedTimestamp": "2026-11-23T07:17:10.620001Z",
            "stageTimestamp": "2026-11-23T07:17:10.634512Z",
            "annotations": {"authorization.k8s.io/decision": "allow"},
        },
        changes,
    )


def event(**changes: Any) -> Json:  # noqa: ANN401 - JSON
    """A core/v1 Event as a kubelet writes it."""
    return merged(
        {
            "kind": "Event",
            "apiVersion": "v1",
            "metadata": {
                "name": "web-1.18ea9a8e8456617d",
                "namespace": "shop",
                "uid": "9698cc89-0399-4e82-b922-453d115c620d",
                "resourceVersion": "7",
                "creationTimestamp": "2026-11-23T07:02:18Z",
            },
            "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "web-1", "uid": UID, "fieldPath": "spec.containers{app}"},
            "reason": "Pulled",
            "message": "Container image already present",
            "source": {"component": "kubelet", "host": "n1"},
            "firstTimestamp": "2026-11-23T07:02:18Z",
            "lastTimestamp": "2026-11-23T07:02:19Z",
            "count": 2,
            "type": "Normal",
            "eventTime": None,
            "reportingComponent": "",
            "reportingInstance": "",
        },
        changes,
    )


def compact(value: object) -> str:
    """JSON on one line without spaces, as Kubernetes writes it."""
    return json.dumps(value, separators=(",", ":"))


def lines(*values: Json | str) -> bytes:
    """Each value as a line; text as it is."""
    return b"".join((value if isinstance(value, str) else compact(value)).encode() + b"\n" for value in values)


def write(path: Path, data: bytes) -> str:
    """Write a file, gzipped if its name says so; its path as text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    return str(path)
