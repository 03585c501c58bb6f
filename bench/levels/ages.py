"""A log as an older Kubernetes would have written it: without the conditions and fields that came later, and in the words of its kubelet.

Here: `aged`, for audit events and for frames of a feed. What is told is 1.24 to 1.28, on which many clusters still run: the sandbox has no condition, nor a disruption, and the back-off of a pull does not say why.
Not here: what a policy leaves of it (`policy`).
"""

from __future__ import annotations

import re
from typing import Any

Json = dict[str, Any]

_LATER_CONDITIONS = frozenset({"PodReadyToStartContainers", "DisruptionTarget", "PodResizePending", "PodResizeInProgress"})
_LATER_FIELDS = ("observedGeneration", "resources", "allocatedResources", "volumeMounts", "user", "hostIPs")
# kubernetes/kubernetes pkg/kubelet/images/image_manager.go, kuberuntime/kuberuntime_container.go and kuberuntime_manager.go by their versions.
_WORDS = (
    (re.compile(r"( in [0-9.]+\w+) \([^)]* including waiting\)\. Image size: \d+ bytes\.$"), r"\1"),
    (re.compile(r" already present on machine and can be accessed by the pod$"), " already present on machine"),
    (re.compile(r'(Back-off pulling image "[^"]*"): .*$', re.DOTALL), r"\1"),
    (re.compile(r"(Back-off restarting failed container) .*$", re.DOTALL), r"\1"),
)
_STEPS = {"Container created": "Created container {}", "Container started": "Started container {}"}


def aged(body: Any) -> Any:  # noqa: ANN401 - any JSON
    """A request, an answer, a list, an Event or a frame of a feed in older words; other things as they are."""
    if not isinstance(body, dict):
        return body
    told = {name: aged(value) if name in {"requestObject", "responseObject", "object"} else value for name, value in body.items()}
    if isinstance(told.get("items"), list):
        told["items"] = [aged(item) for item in told["items"]]
    if isinstance(told.get("status"), dict):
        told["status"] = _status(told["status"])
    return _event(told) if "involvedObject" in told or "regarding" in told or told.keys() <= {"count", "lastTimestamp", "message"} else told


def _status(status: Json) -> Json:
    """The status of a pod, or a patch of it."""
    kept: Json = {name: value for name, value in status.items() if name not in _LATER_FIELDS}
    for name in {"conditions", "$setElementOrder/conditions"} & kept.keys():
        kept[name] = [_without(each) for each in kept[name] or () if each.get("type") not in _LATER_CONDITIONS]
    for name in {"containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"} & kept.keys():
        kept[name] = [_container(each) for each in kept[name] or ()]
    return kept


def _container(status: Json) -> Json:
    state = status.get("state") or {}
    waiting = state.get("waiting")
    return _without(status) | (
        {"state": state | {"waiting": waiting | {"message": _words(waiting["message"])}}} if waiting and "message" in waiting else {}
    )


def _event(event: Json) -> Json:
    place = re.search(r"\{(.+)\}", (event.get("involvedObject") or event.get("regarding") or {}).get("fieldPath", ""))
    return event | {name: _words(event[name], place[1] if place else "") for name in ("message", "note") if isinstance(event.get(name), str)}


def _words(message: str, container: str = "") -> str:
    for pattern, older in _WORDS:
        message = pattern.sub(older, message)
    return _STEPS[message].format(container) if message in _STEPS else message


def _without(body: Json) -> Json:
    return {name: value for name, value in body.items() if name not in _LATER_FIELDS}
