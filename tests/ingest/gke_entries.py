"""Audit events as GKE's log entries: what Cloud Logging keeps of them.

Not here: tests.
"""

from __future__ import annotations

from typing import Any

# Of HTTP's codes, gRPC's, as GKE says them; the message tells more.
_RPC_CODES = {400: 3, 401: 16, 403: 7, 404: 5, 409: 10, 422: 3, 429: 8, 499: 1, 500: 13, 501: 12, 503: 14, 504: 4}


def gke_entry(event: dict[str, Any]) -> dict[str, Any] | None:
    """The entry of an audit event; None for what GKE has no entry of: other stages, requests that are about no resource, and Events."""
    target = event.get("objectRef") or {}
    if event["stage"] != "ResponseComplete" or not target.get("resource") or target["resource"] in {"events", "leases"}:
        return None
    group, version = target.get("apiGroup") or "core", target.get("apiVersion", "v1")
    namespace = target.get("namespace") if target["resource"] != "namespaces" else None
    place = [
        group,
        version,
        *(["namespaces", namespace] if namespace else []),
        target["resource"],
        target.get("name") or _name(event),
        target.get("subresource"),
    ]
    method = ".".join(
        ["io.k8s", group.removesuffix(".k8s.io"), version, *(part for part in (target["resource"], target.get("subresource"), event["verb"]) if part)]
    )
    code, status = (event.get("responseStatus") or {}).get("code", 200), event.get("responseStatus") or {}
    answer = event.get("responseObject") if isinstance(event.get("responseObject"), dict) else None
    return {
        "insertId": event["auditID"],
        "labels": event.get("annotations") or {},
        "logName": "projects/p/logs/cloudaudit.googleapis.com%2Factivity",
        "operation": {"id": event["auditID"], "producer": "k8s.io", "first": True, "last": True},
        "protoPayload": {
            "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
            "authenticationInfo": {"principalEmail": event["user"]["username"]},
            "authorizationInfo": [{"granted": True, "permission": method, "resource": "/".join(part for part in place if part)}],
            "methodName": method,
            "requestMetadata": {"callerIp": event["sourceIPs"][-1], "callerSuppliedUserAgent": event.get("userAgent", "")},
            "resourceName": "/".join(part for part in place if part),
            "serviceName": "k8s.io",
            "status": {"code": _RPC_CODES.get(code, 2), "message": status.get("message", "")} if code >= 400 else {},
            **({"request": {"@type": "k8s.io/Patch"} | event["requestObject"]} if isinstance(event.get("requestObject"), dict) else {}),
            **({"response": {"@type": f"{group}.{version}.{answer.get('kind')}"} | answer} if answer else {}),
        },
        "receiveTimestamp": event["stageTimestamp"],
        "resource": {"labels": {"cluster_name": "c", "location": "l", "project_id": "p"}, "type": "k8s_cluster"},
        "timestamp": event["stageTimestamp"],
    }


def _name(event: dict[str, Any]) -> str | None:
    """The name that a create was given, which entries have and audit events have in their answer."""
    answer = event.get("responseObject")
    return (
        answer["metadata"].get("name")
        if isinstance(answer, dict) and answer.get("kind") != "Status" and "metadata" in answer and event["verb"] == "create"
        else None
    )
