"""GKE's audit log: LogEntries that tell part of an audit event."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.ingest.logs import UID, audit, compact, lines, merged, pod
from tests.ingest.wrapping import SECRET, samples

if TYPE_CHECKING:
    from tests.ingest.logs import Json
    from tests.ingest.reading import Reading


def _entry(**changes: Any) -> Json:  # noqa: ANN401 - JSON
    """A status patch of a pod as Cloud Logging exports it."""
    return merged(
        {
            "insertId": "e1",
            "labels": {"authorization.k8s.io/decision": "allow"},
            "logName": "projects/p/logs/cloudaudit.googleapis.com%2Factivity",
            "operation": {"id": "o1", "producer": "k8s.io", "first": True, "last": True},
            "protoPayload": {
                "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
                "authenticationInfo": {"principalEmail": "system:node:n1"},
                "methodName": "io.k8s.core.v1.pods.status.patch",
                "request": {"@type": "k8s.io/Patch", "status": {"phase": "Running"}},
                "requestMetadata": {"callerIp": "10.77.0.11", "callerSuppliedUserAgent": "kubelet/v1.36.2 (linux/amd64) kubernetes/98b3519"},
                "resourceName": "core/v1/namespaces/shop/pods/web-1/status",
                "response": {"@type": "core.k8s.io/v1.Pod"} | pod(),
                "serviceName": "k8s.io",
                "status": {},
            },
            "receiveTimestamp": "2026-11-23T07:17:12.5Z",
            "resource": {"labels": {"cluster_name": "prod"}, "type": "k8s_cluster"},
            "timestamp": "2026-11-23T07:17:10.634512Z",
        },
        changes,
    )


def _call(method: str, place: str | None, **payload: Any) -> Json:  # noqa: ANN401 - JSON
    return _entry(protoPayload={"methodName": method, "resourceName": place, "request": None, "response": None, **payload})


def test_an_entry_becomes_an_audit_event_and_says_nothing_that_it_does_not_know(reading: Reading) -> None:
    report = reading.read(_entry())
    assert report.sources[0].shape == "gke_entries"
    row = reading.row("audit_events")
    expected = {
        "audit_id": "e1",
        "level": None,
        "stage": "ResponseComplete",
        "verb": "patch",
        "request_uri": None,
        "api_group": None,
        "resource": "pods",
        "subresource": "status",
        "namespace": "shop",
        "name": "web-1",
        "uid": UID,
        "resource_version": 100,
        "code": 200,
        "user": "system:node:n1",
        "user_groups": None,
        "user_agent": "kubelet/v1.36.2 (linux/amd64) kubernetes/98b3519",
        "source_ip": "10.77.0.11",
        "received_at": None,
        "stage_at": datetime(2026, 11, 23, 7, 17, 10, 634512, UTC),
        "annotations": '{"authorization.k8s.io/decision":"allow"}',
        "response_kind": "Pod",
        "body_table": "objects",
    }
    assert {name: row[name] for name in expected} == expected


def test_the_object_is_what_the_api_servers_own_log_would_give(reading: Reading) -> None:
    report = reading.ingest(reading.file(lines(_entry()), "logs/gke.json"), reading.file(lines(audit()), "logs/audit.log"))
    assert report.kept == 2
    one, other = ({name: value for name, value in row.items() if name not in {"source_id", "received_at"}} for row in reading.rows("objects"))
    assert one == other


@pytest.mark.parametrize(
    ("method", "place", "expected"),
    [
        ("io.k8s.core.v1.pods.binding.create", "core/v1/namespaces/shop/pods/web-1/binding", ("create", None, "pods", "shop", "web-1", "binding")),
        ("io.k8s.apps.v1.deployments.update", "apps/v1/namespaces/shop/deployments/web", ("update", "apps", "deployments", "shop", "web", None)),
        (
            "io.k8s.authorization.rbac.v1.roles.delete",
            "rbac.authorization.k8s.io/v1/clusterroles/admin",
            ("delete", "rbac.authorization.k8s.io", "clusterroles", None, "admin", None),
        ),
        ("io.k8s.core.v1.pods.list", "core/v1/namespaces/shop/pods", ("list", None, "pods", "shop", None, None)),
        ("io.k8s.core.v1.namespaces.delete", "core/v1/namespaces/shop", ("delete", None, "namespaces", "shop", "shop", None)),
        ("io.k8s.core.v1.namespaces.finalize.update", "core/v1/namespaces/shop/finalize", ("update", None, "namespaces", "shop", "shop", "finalize")),
        ("io.k8s.core.v1.nodes.status.patch", "core/v1/nodes/n1/status", ("patch", None, "nodes", None, "n1", "status")),
        ("io.k8s.core.v1.componentstatuses.list", None, ("list", None, "componentstatuses", None, None, None)),
        ("io.k8s.readyz", None, (None, None, None, None, None, None)),
    ],
)
def test_method_and_resource_name_say_what_was_done_to_what(
    reading: Reading, method: str, place: str | None, expected: tuple[str | None, ...]
) -> None:
    reading.read(_call(method, place))
    row = reading.row("audit_events")
    assert tuple(row[name] for name in ("verb", "api_group", "resource", "namespace", "name", "subresource")) == expected


@pytest.mark.parametrize(
    ("method", "payload", "code"),
    [
        ("get", {}, 200),
        ("create", {"status": {"code": 0}}, 201),
        ("create", {"status": {"code": 5, "message": "not found"}}, 404),
        ("create", {"status": {"code": 7, "message": "forbidden"}}, 403),
        ("create", {"status": {"code": 6}}, 409),
        ("create", {"status": {"code": 10, "message": 'pods "web-1" already exists'}}, 409),
        ("create", {"status": {"code": 3, "message": 'Pod "web-1" is invalid: spec'}}, 422),
        ("create", {"status": {"code": 3, "message": "bad request"}}, 400),
        ("create", {"status": {"code": 8, "message": "slow down"}}, 429),
        ("create", {"status": {"code": 2, "message": "who knows"}}, None),
        ("create", {"status": {"code": 10}, "response": {"@type": "core.k8s.io/v1.Status", "kind": "Status", "code": 418, "reason": "X"}}, 418),
        ("create", {"status": None}, None),
    ],
)
def test_the_code_is_inferred_or_null(reading: Reading, method: str, payload: Json, code: int | None) -> None:
    reading.read(_call(f"io.k8s.core.v1.pods.{method}", "core/v1/namespaces/shop/pods/web-1", **payload))
    assert reading.row("audit_events")["code"] == code


def test_every_entry_is_accounted_for(reading: Reading) -> None:
    other = _call("v1.compute.instances.insert", "projects/p/zones/z/instances/i", serviceName="compute.googleapis.com")
    source = reading.read(
        _entry(),
        _entry(),
        other,
        {"insertId": "t", "logName": "projects/p/logs/stderr", "textPayload": "hello"},
        _entry(insertId=None),
        _entry(insertId="e2", timestamp="soon"),
        {"some": "object"},
        "a broken line",
        _entry(insertId="e3", timestamp="2026-11-23T08:00:00Z"),
    ).sources[0]
    assert (source.lines, source.kept, source.filtered, source.duplicates, source.quarantined) == (9, 2, 2, 1, 4)
    assert [(row["line"], row["reason"]) for row in reading.rows("quarantine")] == [
        (5, "a log entry without insertId"),
        (6, "bad timestamp"),
        (7, "not a log entry"),
        (8, "not JSON"),
    ]
    assert compact(reading.rows("quarantine")[2]["raw"]) == compact(compact({"some": "[redacted]"}))


@pytest.mark.parametrize("changes", [{}, {"insertId": None}])
def test_secrets_are_hidden(reading: Reading, changes: Json) -> None:
    secret = {"@type": "core.k8s.io/v1.Secret", "kind": "Secret", "apiVersion": "v1", "metadata": {"name": "db"}, "data": {"password": SECRET}}
    call = _call("io.k8s.core.v1.secrets.create", "core/v1/namespaces/shop/secrets/db", request=secret, response=secret)
    cut = compact(call)
    reading.read(_entry(), merged(call, changes), cut[: cut.index(SECRET) + len(SECRET)])
    assert SECRET.encode() not in reading.stored()


def test_logs_of_other_services_are_left_aside(reading: Reading) -> None:
    reading.file(lines(_call("v1.compute.instances.insert", None, serviceName="compute.googleapis.com")), "logs/compute.json")
    reading.file(lines(_entry()), "logs/gke.json")
    assert len(reading.ingest().left_aside) == 1


def test_real_gke_entries(reading: Reading) -> None:
    # Their authors cut them down to what their rules look at.
    entries = [
        {"insertId": str(number), "timestamp": "2024-02-16T11:48:22Z"} | each
        for number, each in enumerate(samples("panther-labs_panther-analysis", "gke.jsonl"))
    ]
    source = reading.read(*entries).sources[0]
    assert (source.shape, source.lines, source.quarantined) == ("gke_entries", 57, 0)
    assert source.filtered == sum(not each["protoPayload"]["methodName"].startswith("io.k8s.") for each in entries)
    rows = reading.rows("audit_events")
    assert {(row["code"], row["status_message"]) for row in rows if row["code"] == 409} == {
        (409, 'pods "test-privileged-pod" already exists'),
        (409, 'services "test-ns" already exists'),
    }
    assert sum(row["code"] == 403 for row in rows) == 2
    assert {row["resource"] for row in rows if row["verb"] == "create" and row["subresource"] == "exec"} == {"pods"}
