"""Objects made by hand in the forms that Kubernetes documents.

Here: a small cluster. Times are of one hour, so that a test's arrivals may be put after them.
"""

from __future__ import annotations

from typing import Any

Body = dict[str, Any]

SYSTEM_UID = "00000000-0000-4000-8000-00000000c1a5"


def uid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def namespace(name: str, number: int, version: int = 2) -> Body:
    return {"kind": "Namespace", "apiVersion": "v1", "metadata": _metadata(name, None, uid(number), version), "status": {"phase": "Active"}}


def system_namespace(system_uid: str = SYSTEM_UID) -> Body:
    return {"kind": "Namespace", "apiVersion": "v1", "metadata": _metadata("kube-system", None, system_uid, 1), "status": {"phase": "Active"}}


def node(name: str, number: int, version: int = 5) -> Body:
    condition = {"type": "Ready", "status": "True", "reason": "KubeletReady", "lastTransitionTime": "2026-11-23T07:00:00Z"}
    return {"kind": "Node", "apiVersion": "v1", "metadata": _metadata(name, None, uid(number), version), "status": {"conditions": [condition]}}


def pod(name: str, number: int, version: int, *, is_ready: bool = True, namespace: str = "shop", **metadata: object) -> Body:
    """A pod with one container, whose environment holds a secret, and a field that no client knows."""
    condition = {"type": "Ready", "status": str(is_ready), "lastProbeTime": None, "lastTransitionTime": "2026-11-23T07:00:05Z"}
    scheduled = {"type": "PodScheduled", "status": "True", "lastProbeTime": None, "lastTransitionTime": "2026-11-23T07:00:01Z"}
    state = {"running": {"startedAt": "2026-11-23T07:00:04Z"}} if is_ready else {"waiting": {"reason": "ContainerCreating"}}
    container = {"name": "app", "image": "app:1", "env": [{"name": "PASSWORD", "value": "hunter2"}], "fieldOfTomorrow": {"a": 1.0}}
    return {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": _metadata(name, namespace, uid(number), version, **metadata),
        "spec": {"nodeName": "n1", "restartPolicy": "Always", "containers": [container]},
        "status": {
            "phase": "Running" if is_ready else "Pending",
            "startTime": "2026-11-23T07:00:02Z",
            "conditions": [scheduled, condition],
            "containerStatuses": [{"name": "app", "image": "app:1", "imageID": "", "ready": is_ready, "restartCount": 0, "state": state}],
        },
    }


def event(name: str, number: int, version: int, *, about: Body, reason: str = "Started", at: str = "2026-11-23T07:00:04Z") -> Body:
    """A kubelet's Event in the form of the core API."""
    metadata = about["metadata"]
    involved = {"kind": about["kind"], "namespace": metadata["namespace"], "name": metadata["name"], "uid": metadata["uid"], "apiVersion": "v1"}
    return {
        "kind": "Event",
        "apiVersion": "v1",
        "metadata": _metadata(name, metadata["namespace"], uid(number), version),
        "involvedObject": involved,
        "reason": reason,
        "message": f"{reason} of app",
        "source": {"component": "kubelet", "host": "n1"},
        "firstTimestamp": at,
        "lastTimestamp": at,
        "count": 1,
        "type": "Normal",
        "eventTime": None,
        "reportingComponent": "kubelet",
        "reportingInstance": "n1",
    }


def newer_event(core: Body) -> Body:
    """The same Event in the form of events.k8s.io."""
    kept = {name: core[name] for name in ("kind", "metadata", "reason", "type", "eventTime", "reportingInstance")}
    return kept | {
        "apiVersion": "events.k8s.io/v1",
        "regarding": core["involvedObject"],
        "note": core["message"],
        "reportingController": core["reportingComponent"],
        "deprecatedSource": core["source"],
        "deprecatedFirstTimestamp": core["firstTimestamp"],
        "deprecatedLastTimestamp": core["lastTimestamp"],
        "deprecatedCount": core["count"],
    }


def frame(kind: str, body: Body) -> Body:
    return {"type": kind, "object": body}


def _metadata(name: str, namespace: str | None, uid_: str, version: int, **more: object) -> Body:
    place = {"namespace": namespace} if namespace else {}
    managed = [{"manager": "kubelet", "operation": "Update", "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": {"f:status": {}}}]
    return {
        "name": name,
        **place,
        "uid": uid_,
        "resourceVersion": str(version),
        "creationTimestamp": "2026-11-23T07:00:00Z",
        "managedFields": managed,
        **more,
    }
