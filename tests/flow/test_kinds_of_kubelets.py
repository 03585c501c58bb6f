"""Kubelets of each age, and what only plays one: the same start-up, told in the words of 1.20, 1.25, 1.29 and of a virtual kubelet.

Status is logged at level `Request` (the reference policy of the clouds), so it is rebuilt from patches. Not here: single messages (`tests/rules`).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.config import Settings
from pipelines.ingest import ingest
from pipelines.lake import Lake
from pipelines.refresh import refresh
from tests.ingest.logs import audit, lines, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.ingest.logs import Json

# Bound and started before eight, ready after it.
_START = datetime(2026, 11, 23, 7, 59, 50, tzinfo=UTC)
_TABLES = ["pods", "hyper_events", "coverage", "diagnoses", "verdicts", "deliveries", "phases"]
_KUBELET = {"username": "system:node:n1", "groups": ["system:nodes"]}
_VIRTUAL = {"username": "system:serviceaccount:kube-system:virtual-kubelet"}
_AGES: dict[str, tuple[str | None, tuple[str, str, str], tuple[float, float | None, int | None]]] = {
    "1.20": (None, ('Successfully pulled image "web:1" in 1.5s', "Created container app", "Started container app"), (1.5, None, None)),
    "1.25": ("PodHasNetwork", ('Successfully pulled image "web:1" in 1.5s', "Created container app", "Started container app"), (1.5, None, None)),
    "1.28": (
        "PodReadyToStartContainers",
        ('Successfully pulled image "web:1" in 1.5s (2s including waiting)', "Created container app", "Started container app"),
        (1.5, 0.5, None),
    ),
    "1.36": (
        "PodReadyToStartContainers",
        ('Successfully pulled image "web:1" in 1.5s (2s including waiting). Image size: 1296395 bytes.', "Container created", "Container started"),
        (1.5, 0.5, 1_296_395),
    ),
}


def _at(seconds: float) -> str:
    return f"{_START + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S.%f}Z"


def _second(seconds: float) -> str:
    return _at(seconds)[:19] + "Z"


class _Pod:
    """The requests of one pod's life."""

    def __init__(self, name: str) -> None:
        self.name, self.uid, self.requests = name, f"uid-{name}", 0

    def request(self, verb: str, seconds: float, body: Json | None, *, resource: str = "pods", code: int = 200, **changes: Any) -> Json:  # noqa: ANN401 - JSON
        """A request that is answered 10 ms later, logged with its body alone."""
        self.requests += 1
        subresource = changes.pop("subresource", None)
        path = "/".join(["/api/v1/namespaces/shop", resource, *filter(None, [self.name, subresource])])
        line = audit(
            auditID=f"{self.name}-{self.requests}",
            level="Request",
            verb=verb,
            requestURI=path,
            objectRef={"resource": resource, "name": self.name, "subresource": subresource},
            responseStatus={"metadata": {}, "code": code},
            requestReceivedTimestamp=_at(seconds),
            stageTimestamp=_at(seconds + 0.01),
        )
        line["requestObject"], line["responseObject"] = body, None
        return {key: value for key, value in (line | changes).items() if value is not None}

    def created(self, node: str, **spec: Any) -> Iterator[Json]:  # noqa: ANN401 - JSON
        """Created with its answer in the log, and bound."""
        body = {
            "kind": "Pod",
            "apiVersion": "v1",
            "metadata": {"name": self.name, "namespace": "shop", "uid": self.uid, "resourceVersion": "1", "creationTimestamp": _second(0)},
            "spec": {"containers": [{"name": "app", "image": "web:1"}]} | spec,
            "status": {"phase": "Pending"},
        }
        yield self.request("create", 0, None, code=201, responseObject=body, level="RequestResponse", user={"username": "ann"})
        target = {"kind": "Binding", "apiVersion": "v1", "metadata": {"name": self.name, "uid": self.uid}, "target": {"kind": "Node", "name": node}}
        yield self.request("create", 1, target, code=201, subresource="binding", user={"username": "system:kube-scheduler"})

    def status(self, seconds: float, status: Json, user: Json, verb: str = "patch", **metadata: str) -> Json:
        """A write of its status."""
        return self.request(verb, seconds, {"metadata": {"uid": self.uid} | metadata, "status": status}, subresource="status", user=user)

    def told(self, seconds: float, reason: str, message: str) -> Json:
        """An Event of the kubelet's, named by its nanosecond."""
        nanoseconds = int((_START + timedelta(seconds=seconds)).timestamp() * 1_000_000) * 1000
        event = {
            "kind": "Event",
            "apiVersion": "v1",
            "metadata": {"name": f"{self.name}.{nanoseconds:x}", "namespace": "shop"},
            "involvedObject": {"kind": "Pod", "namespace": "shop", "name": self.name, "uid": self.uid, "fieldPath": "spec.containers{app}"},
            "reason": reason,
            "message": message,
            "source": {"component": "kubelet", "host": "n1"},
            "firstTimestamp": _second(seconds),
            "lastTimestamp": _second(seconds),
            "count": 1,
            "type": "Normal",
        }
        return self.request("create", seconds + 0.02, event, resource="events", code=201, user=_KUBELET)


def _condition(kind: str, seconds: float, status: str = "True") -> Json:
    return {"type": kind, "status": status, "lastTransitionTime": _second(seconds)}


def _of_age(name: str) -> Iterator[Json]:
    pod, (sandbox, (pulled, made, started), _) = _Pod(f"k{name.replace('.', '-')}"), _AGES[name]
    yield from pod.created("n1")
    pending = [_condition("Initialized", 1), _condition("Ready", 1, "False"), _condition("ContainersReady", 1, "False")]
    pending += [_condition(sandbox, 1, "False")] if sandbox else []
    yield pod.status(1.5, {"startTime": _second(1), "conditions": pending}, _KUBELET)
    yield pod.told(4, "Pulling", 'Pulling image "web:1"')
    if sandbox:
        yield pod.status(4.5, {"conditions": [_condition(sandbox, 3)]}, _KUBELET)
    yield pod.told(6, "Pulled", pulled)
    yield pod.told(6.5, "Created", made)
    yield pod.told(7, "Started", started)
    # The patch holds what has changed and nothing else, in the next hour.
    running = {"name": "app", "ready": True, "started": True, "restartCount": 0, "image": "web:1", "state": {"running": {"startedAt": _second(7)}}}
    ready = [_condition("Ready", 12), _condition("ContainersReady", 12)]
    yield pod.status(12.5, {"phase": "Running", "conditions": ready, "containerStatuses": [running]}, _KUBELET)


def _of_none(name: str, *, is_job: bool) -> Iterator[Json]:
    """A virtual kubelet writes whole statuses under a name of its own, without Events or statuses of containers."""
    pod = _Pod(name)
    yield from pod.created("virtual-node-aci-linux", restartPolicy="Never" if is_job else "Always")
    conditions = [_condition(kind, 12) for kind in ("Initialized", "PodScheduled", "Ready", "ContainersReady")]
    running = {"phase": "Running", "startTime": _second(2), "conditions": conditions}
    yield pod.status(12.5, running, _VIRTUAL, "update")
    if is_job:
        yield pod.status(20, {"phase": "Succeeded", "startTime": _second(2), "conditions": conditions}, _VIRTUAL, "update")
    options = {"kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 30}
    yield pod.request("delete", 30, options, user={"username": "ann"})
    yield pod.request("delete", 33, options | {"gracePeriodSeconds": 0, "preconditions": {"uid": pod.uid}}, user=_VIRTUAL)


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lake, Lake]:
    """The log of all of them, refreshed at once, and hour by hour with the later one first."""
    folder = tmp_path_factory.mktemp("kubelets")
    log = [line for age in _AGES for line in _of_age(age)]
    log += [*_of_none("virtual", is_job=False), *_of_none("virtual-job", is_job=True)]
    # Whoever reads an hour's end knows that nothing comes after it.
    log.append(audit(auditID="last", verb="get", stageTimestamp="2026-11-23T09:30:00Z"))
    path = write(folder / "audit.log", lines(*sorted(log, key=lambda line: line["stageTimestamp"])))
    return _built(folder / "at once", path, []), _built(folder / "by hour", path, [8, 7])


def _built(folder: Path, path: str, hours: list[int]) -> Lake:
    lake = Lake.open(str(folder))
    ingest(lake, "c", [path], Settings())
    for hour in hours:
        at = _START.replace(hour=hour, minute=0, second=0)
        refresh(lake, "c", settings=Settings(), tables=_TABLES, from_at=at, to_at=at + timedelta(hours=1))
    refresh(lake, "c", settings=Settings(), tables=_TABLES)
    return lake


def _one(lake: Lake, table: str, name: str, **wanted: Any) -> Json:  # noqa: ANN401 - values of columns
    [row] = [row for row in lake.read(table, "c").to_pylist() if row["name"] == name and all(row[key] == value for key, value in wanted.items())]
    return row


@pytest.mark.parametrize("age", _AGES)
def test_a_start_up_is_the_same_in_the_words_of_any_age(lakes: tuple[Lake, Lake], age: str) -> None:
    name = f"k{age.replace('.', '-')}"
    row = _one(lakes[0], "deliveries", name, kind="pod_create")
    told = [(row[f"{stem}_at"] - _START).total_seconds() for stem in ("bound", "sandbox_ready", "containers_started", "ready")]
    # The condition is known to a second; the first step of the kubelet bounds it, and is all that the oldest tells.
    assert told == [1.01, 4.0, 7.0, 12.51]
    assert (row["state"], row["error_code"]) == ("delivered", None)
    pull = _one(lakes[0], "phases", name, phase="image_pull")
    assert (pull["pull_s"], pull["pull_wait_s"], pull["image_bytes"]) == _AGES[age][2]
    assert pull["duration_s"] == 2.0


@pytest.mark.parametrize("name", ["virtual", "virtual-job"])
def test_a_virtual_kubelet_delivers_and_deletes_without_events_or_statuses_of_containers(lakes: tuple[Lake, Lake], name: str) -> None:
    create, delete = (_one(lakes[0], "deliveries", name, kind=kind) for kind in ("pod_create", "pod_delete"))
    assert (create["state"], create["node"], create["error_code"]) == ("delivered", "virtual-node-aci-linux", None)
    assert (create["ready_at"] - _START).total_seconds() == 12.51
    assert (delete["state"], (delete["gone_at"] - _START).total_seconds()) == ("delivered", 33.01)


def test_a_patch_of_what_has_changed_is_read_beside_what_the_hour_before_knew(lakes: tuple[Lake, Lake]) -> None:
    at_once, by_hour = ([lake.read(table, "c").to_pylist() for table in ("deliveries", "phases", "verdicts")] for lake in lakes)
    assert at_once == by_hour
