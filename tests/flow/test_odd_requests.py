"""What Kubernetes does now and then, in one small log: each request means what it did, neither more nor less.

Panics, requests without authentication or in somebody else's name, dry runs in every spelling, names that are used again at once, collections,
bodies dropped for their size, logs of old. Not here: patches at lesser levels (`test_lower_levels`) and several servers (`test_many_servers`).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.config import Settings
from pipelines.ingest import ingest
from pipelines.lake import Lake
from pipelines.refresh import refresh
from tests.ingest.logs import audit, lines

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ingest.logs import Json

_START = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
_TABLES = ["pods", "hyper_events", "coverage", "diagnoses", "verdicts", "deliveries"]


def _at(seconds: float) -> str:
    return f"{_START + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S.%f}Z"


def _pod(name: str, uid: str, **changes: Any) -> Json:  # noqa: ANN401 - JSON
    metadata = {"name": name, "namespace": "shop", "uid": uid, "resourceVersion": "1", "creationTimestamp": "2026-11-23T07:00:00Z"}
    spec = {"schedulerName": "default-scheduler", "containers": [{"name": "app", "image": "web:1"}]}
    return {"kind": "Pod", "apiVersion": "v1", "metadata": metadata | changes.pop("metadata", {}), "spec": spec | changes.pop("spec", {}), **changes}


def _request(number: int, verb: str, name: str | None, seconds: float, **changes: Any) -> Json:  # noqa: ANN401 - JSON
    """A request about a pod, answered 10 ms later."""
    subresource = changes.pop("subresource", None)
    path = "/".join(["/api/v1/namespaces/shop/pods", *filter(None, [name if verb != "create" or subresource else None, subresource])])
    line = audit(
        auditID=f"id-{number}",
        verb=verb,
        requestURI=path + changes.pop("query", ""),
        user={"username": "ann", "groups": None},
        userAgent="kubectl/v1.36.2",
        objectRef={"name": name, "subresource": subresource},
        requestReceivedTimestamp=_at(seconds),
        stageTimestamp=_at(seconds + 0.01),
    )
    line["requestObject"] = line["responseObject"] = None
    code = changes.pop("code", 201 if verb == "create" else 200)
    return {key: value for key, value in (line | {"responseStatus": {"metadata": {}, "code": code}} | changes).items() if value is not None}


def _created(number: int, name: str, uid: str, seconds: float, **changes: Any) -> Json:  # noqa: ANN401 - JSON
    body = _pod(name, uid)
    return _request(number, "create", name, seconds, **({"requestObject": body, "responseObject": body} | changes))


def _deleted(number: int, name: str, uid: str, seconds: float, **changes: Any) -> Json:  # noqa: ANN401 - JSON
    """A delete of a pod that is not bound yet: it is gone with the answer."""
    gone = _pod(name, uid, metadata={"deletionTimestamp": _at(seconds), "deletionGracePeriodSeconds": 0})
    return _request(number, "delete", name, seconds, **({"responseObject": gone} | changes))


def _dry_runs() -> list[Json]:
    asked = {"kind": "DeleteOptions", "apiVersion": "v1", "dryRun": ["All"]}
    evicted = {"kind": "Eviction", "apiVersion": "policy/v1", "metadata": {"name": "kept"}, "deleteOptions": {"dryRun": ["All"]}}
    return [
        _created(100, "kept", "u-kept", 1),
        _created(101, "dry-1", "u-dry-1", 2, query="?dryRun=All"),
        _created(102, "dry-2", "u-dry-2", 2, query="?dryRun=All&fieldManager=kubectl-client-side-apply"),
        _created(103, "dry-3", "u-dry-3", 2, query="?fieldManager=kubectl%20run&dryRun=All"),
        _created(104, "dry-4", "u-dry-4", 2, query="?fieldManager=x&dryRun=%41%6C%6c"),
        _deleted(105, "kept", "u-kept", 3, query="?dryRun=All"),
        _deleted(106, "kept", "u-kept", 3, requestObject=asked),
        _request(
            107,
            "create",
            "kept",
            3,
            subresource="eviction",
            requestObject=evicted,
            responseObject={"kind": "Status", "apiVersion": "v1", "status": "Success"},
        ),
        _request(
            108,
            "deletecollection",
            None,
            3,
            query="?dryRun=All",
            responseObject={"kind": "PodList", "apiVersion": "v1", "items": [_pod("kept", "u-kept")]},
        ),
        _request(
            109,
            "deletecollection",
            None,
            3,
            requestObject=asked,
            responseObject={"kind": "PodList", "apiVersion": "v1", "items": [_pod("kept", "u-kept")]},
        ),
    ]


def _of_old(line: Json) -> Json:
    """As v1beta1 wrote it before it had times of a microsecond: `timestamp` and `metadata` beside them."""
    old = {key: value for key, value in line.items() if key not in {"requestReceivedTimestamp", "stageTimestamp"}}
    at = line["stageTimestamp"][:19] + "Z"
    return old | {"apiVersion": "audit.k8s.io/v1beta1", "metadata": {"creationTimestamp": at}, "timestamp": at}


_PANIC = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "InternalError", "message": "APIServer panic'd: boom", "code": 500}
_LOG: tuple[Json, ...] = (
    *_dry_runs(),
    # Panics and 401.
    _request(1, "create", "boom", 1, stage="Panic", code=500, requestObject=_pod("boom", ""), responseStatus={"metadata": {}, "code": 500} | _PANIC),
    _request(
        2,
        "create",
        None,
        1,
        stage="ResponseStarted",
        user={},
        code=401,
        responseStatus={"metadata": {}, "status": "Failure", "message": "Authentication failed, attempted: bearer", "code": 401},
    ),
    # In somebody's name.
    _created(3, "lent", "u-lent", 1, user={"username": "portal"}, impersonatedUser={"username": "alice"}),
    # The same name three times within a second.
    _created(10, "again", "u-a1", 5),
    _deleted(11, "again", "u-a1", 5.2),
    _created(12, "again", "u-a2", 5.4),
    _deleted(13, "again", "u-a2", 5.6),
    _created(14, "again", "u-a3", 5.8),
    # Everything of one label.
    _created(20, "many-1", "u-m1", 6),
    _created(21, "many-2", "u-m2", 6),
    _request(
        22,
        "deletecollection",
        None,
        7,
        query="?labelSelector=app%3Dmany",
        responseObject={"kind": "PodList", "apiVersion": "v1", "items": [_pod("many-1", "u-m1"), _pod("many-2", "u-m2")]},
    ),
    # Too large for the log.
    _request(30, "create", "chunky", 8, annotations={"audit.k8s.io/truncated": "true"}),
    # As Kubernetes wrote them until 1.23.
    _of_old(_created(40, "old", "u-old", 9)),
    _of_old(_deleted(41, "old", "u-old", 12)),
)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake of the log, which came twice and in overlapping parts, and was read while it grew."""
    folder = tmp_path_factory.mktemp("odd")
    built, half = Lake.open(str(folder / "lake")), len(_LOG) // 2
    for path, part in (
        ("audit.log", _LOG[:half]),
        ("audit.log", _LOG),
        ("audit-2026-11-23T07-00-07.000.log", _LOG[: half + 3]),
        ("shipped.log", _LOG[3:]),
    ):
        _write(folder / path, lines(*part))
        ingest(built, "c", [str(folder / path)], Settings())
    refresh(built, "c", settings=Settings(), tables=_TABLES)
    return built


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _deliveries(lake: Lake, kind: str) -> dict[str, list[Json]]:
    rows: dict[str, list[Json]] = {}
    for row in sorted(lake.read("deliveries", "c").to_pylist(), key=lambda row: row["started_at"]):
        if row["kind"] == kind:
            rows.setdefault(row["name"] or "", []).append(row)
    return rows


def test_a_dry_run_does_nothing_however_it_is_asked_for(lake: Lake) -> None:
    creates, deletes = _deliveries(lake, "pod_create"), _deliveries(lake, "pod_delete")
    assert [row["state"] for row in creates["kept"]] == ["pending"]
    assert not [name for name in creates if name.startswith("dry")]
    assert "kept" not in deletes


def test_a_panic_is_a_refusal_by_the_server(lake: Lake) -> None:
    [row] = _deliveries(lake, "pod_create")["boom"]
    assert (row["state"], row["error_code"], row["fault"], row["attempts"]) == ("failed", "ApiServerError", "platform", 1)


def test_who_is_not_authenticated_is_refused_although_no_answer_is_complete(lake: Lake) -> None:
    [row] = _deliveries(lake, "pod_create")[""]
    assert (row["state"], row["error_code"], row["fault"], row["attempts"]) == ("failed", "Forbidden", "user", 1)


def test_what_is_done_in_somebodys_name_is_theirs_and_who_did_it_is_kept(lake: Lake) -> None:
    [fact] = [row for row in lake.read("hyper_events", "c").to_pylist() if row["name"] == "lent" and row["operation"] == "pod:create:accepted"]
    asked = {(row["source_id"], row["source_line"]): row["user"] for row in lake.read("audit_events", "c").to_pylist()}
    assert (fact["user"], asked[fact["source_id"], fact["source_line"]]) == ("alice", "portal")


def test_a_name_that_is_used_again_at_once_is_another_pod(lake: Lake) -> None:
    creates, deletes = _deliveries(lake, "pod_create")["again"], _deliveries(lake, "pod_delete")["again"]
    assert [(row["uid"], row["state"]) for row in creates] == [("u-a1", "killed"), ("u-a2", "killed"), ("u-a3", "pending")]
    assert [(row["uid"], row["state"], row["total_s"]) for row in deletes] == [("u-a1", "delivered", 0.01), ("u-a2", "delivered", 0.01)]


def test_a_collection_deletes_each_of_its_pods(lake: Lake) -> None:
    deletes = _deliveries(lake, "pod_delete")
    assert [(row["uid"], row["state"]) for name in ("many-1", "many-2") for row in deletes[name]] == [("u-m1", "delivered"), ("u-m2", "delivered")]


def test_a_create_whose_bodies_were_dropped_is_a_pod_without_a_uid(lake: Lake) -> None:
    [row] = _deliveries(lake, "pod_create")["chunky"]
    assert row["uid"].startswith("name:shop/chunky@")
    [created] = [row for row in lake.read("coverage", "c").to_pylist() if row["fact"] == "pod_created" and row["rows_seen"]]
    assert "1 bodies were dropped for their size" in created["missing"]


def test_logs_of_v1beta1_know_seconds(lake: Lake) -> None:
    [create], [delete] = _deliveries(lake, "pod_create")["old"], _deliveries(lake, "pod_delete")["old"]
    assert (create["state"], create["started_at"], delete["gone_at"]) == ("killed", _START + timedelta(seconds=9), _START + timedelta(seconds=12))


def test_lines_that_came_again_count_once(lake: Lake) -> None:
    attempts = sum(row["attempts"] for rows in _deliveries(lake, "pod_create").values() for row in rows)
    accepted = len({"kept", "lent", "a1", "a2", "a3", "m1", "m2", "chunky", "old"})
    assert attempts == accepted + len({"boom", "401"})
    assert len(lake.read("sources", "c")) == 3
    assert len({row["audit_id"] for row in lake.read("audit_events", "c").to_pylist()}) == len(_LOG)
