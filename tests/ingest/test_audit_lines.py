"""Audit logs: which columns a line becomes, and where its bodies go."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.ingest.logs import UID, audit, event, pod

if TYPE_CHECKING:
    from tests.ingest.reading import Reading


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def test_a_line_becomes_a_row_with_its_provenance(reading: Reading) -> None:
    reading.read(audit())
    row = reading.row("audit_events")
    expected = {
        "cluster": "prod",
        "source_line": 1,
        "audit_id": "32ccd42e-9f0d-426b-9120-ebc01a3dddd8",
        "level": "RequestResponse",
        "stage": "ResponseComplete",
        "verb": "patch",
        "request_uri": "/api/v1/namespaces/shop/pods/web-1/status",
        "api_group": None,
        "resource": "pods",
        "subresource": "status",
        "namespace": "shop",
        "name": "web-1",
        "uid": UID,
        "resource_version": 100,
        "code": 200,
        "user": "system:node:n1",
        "user_groups": ["system:nodes", "system:authenticated"],
        "source_ip": "10.77.0.11",
        "received_at": _at("2026-11-23T07:17:10.620001Z"),
        "stage_at": _at("2026-11-23T07:17:10.634512Z"),
        "is_dry_run": False,
        "is_truncated": False,
        "annotations": '{"authorization.k8s.io/decision":"allow"}',
        "response_kind": "Pod",
        "body_table": "objects",
        "request_body": None,
        "response_body": None,
    }
    assert {name: row[name] for name in expected} == expected


def test_the_answer_of_a_write_is_a_version_of_the_object(reading: Reading) -> None:
    reading.read(audit())
    row = reading.row("objects")
    expected = {
        "source_line": 1,
        "item": 0,
        "origin": "audit",
        "observed_at": _at("2026-11-23T07:17:10.634512Z"),
        "received_at": _at("2026-11-23T07:17:10.620001Z"),
        "verb": "patch",
        "subresource": "status",
        "actor": "kubelet/v1.36.2",
        "user": "system:node:n1",
        "kind": "Pod",
        "api_version": "v1",
        "namespace": "shop",
        "name": "web-1",
        "uid": UID,
        "resource_version": 100,
        "is_deleted": False,
    }
    assert {name: row[name] for name in expected} == expected
    assert json.loads(row["body"])["status"] == {"phase": "Running", "startTime": "2026-11-23T07:04:09Z"}
    assert "managedFields" not in row["body"]


def test_managed_fields_with_brackets_inside_are_removed_as_well(reading: Reading) -> None:
    fields = [{"manager": "a]b", "fieldsV1": {"f:x": {'v:[1,2],"z"': {}}}}]
    reading.read(audit(responseObject=pod(metadata={"managedFields": fields, "labels": {"app": "web]"}})))
    metadata = json.loads(reading.row("objects")["body"])["metadata"]
    assert "managedFields" not in metadata
    assert metadata["labels"] == {"app": "web]"}


@pytest.mark.parametrize(
    ("changes", "rows"),
    [
        ({"requestURI": "/api/v1/namespaces/shop/pods?dryRun=All", "verb": "create"}, 0),
        ({"verb": "delete", "requestObject": {"kind": "DeleteOptions", "dryRun": ["All"]}}, 0),
        ({"responseStatus": {"code": 409}}, 0),
        ({"stage": "ResponseStarted"}, 0),
        ({"verb": "get", "requestObject": None}, 1),
        ({"responseObject": {"apiVersion": "example.com/v1"}}, 0),
    ],
)
def test_only_answers_to_real_requests_that_went_well_are_objects(reading: Reading, changes: dict[str, Any], rows: int) -> None:
    reading.read(audit(**changes))
    assert len(reading.rows("objects")) == rows
    assert len(reading.rows("audit_events")) == 1


def test_a_dry_run_is_marked(reading: Reading) -> None:
    reading.read(audit(requestURI="/api/v1/namespaces/shop/pods?dryRun=All&fieldManager=x", verb="create"))
    assert reading.row("audit_events")["is_dry_run"]


def test_a_truncated_line_is_marked(reading: Reading) -> None:
    reading.read(audit(annotations={"audit.k8s.io/truncated": "true"}, requestObject=None, responseObject=None))
    row = reading.row("audit_events")
    assert (row["is_truncated"], row["uid"], row["name"]) == (True, None, "web-1")


def test_a_version_seen_again_is_stored_once(reading: Reading) -> None:
    reading.read(audit(), audit(auditID="b", verb="get", requestObject=None), audit(auditID="c", verb="get", requestObject=None))
    assert [row["source_line"] for row in reading.rows("objects")] == [1]
    assert [row["body_table"] for row in reading.rows("audit_events")] == ["objects"] * 3


def test_a_write_that_is_logged_after_a_read_of_it_is_stored_too(reading: Reading) -> None:
    reading.read(audit(auditID="b", verb="get", requestObject=None), audit())
    assert [row["verb"] for row in reading.rows("objects")] == ["get", "patch"]


def test_the_delete_that_answers_the_last_version_again_is_stored(reading: Reading) -> None:
    reading.read(audit(), audit(auditID="b", verb="delete", requestObject={"kind": "DeleteOptions"}))
    assert [row["verb"] for row in reading.rows("objects")] == ["patch", "delete"]


def test_a_patch_without_an_answer_keeps_its_body(reading: Reading) -> None:
    reading.read(audit(level="Request", responseObject=None))
    row = reading.row("audit_events")
    assert json.loads(row["request_body"]) == {"metadata": {"uid": UID}, "status": {"phase": "Running"}}
    assert (row["uid"], row["body_table"]) == (UID, None)


def test_a_binding_keeps_its_body_and_takes_the_uid_from_it(reading: Reading) -> None:
    binding = {"kind": "Binding", "apiVersion": "v1", "metadata": {"name": "web-1", "uid": UID}, "target": {"kind": "Node", "name": "n2"}}
    status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}
    reading.read(
        audit(verb="create", objectRef={"subresource": "binding"}, responseStatus={"code": 201}, requestObject=binding, responseObject=None)
        | {"responseObject": status}
    )
    row = reading.row("audit_events")
    assert json.loads(row["request_body"])["target"]["name"] == "n2"
    assert (row["uid"], row["response_body"], row["response_kind"]) == (UID, None, "Status")


def test_a_refused_create_keeps_what_was_asked_for_and_the_answer(reading: Reading) -> None:
    status = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": "exceeded quota",
        "reason": "Forbidden",
        "code": 403,
        "details": {"name": "other", "uid": "other"},
    }
    line = audit(verb="create", objectRef={"name": None, "subresource": None}, responseStatus={"code": 403, "reason": "Forbidden"})
    reading.read(line | {"requestObject": pod(metadata={"name": None, "uid": None, "generateName": "web-"}), "responseObject": status})
    row = reading.row("audit_events")
    assert (row["code"], row["status_reason"], row["status_message"]) == (403, "Forbidden", "exceeded quota")
    assert (row["name"], row["uid"]) == (None, None)
    assert json.loads(row["request_body"])["metadata"]["generateName"] == "web-"
    assert json.loads(row["response_body"])["details"] == {"name": "other", "uid": "other"}


def test_a_delete_answered_with_a_status_takes_the_uid_from_its_details(reading: Reading) -> None:
    status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": {"name": "web-1", "kind": "pods", "uid": "u-1"}}
    reading.read(
        audit(verb="delete", objectRef={"subresource": None}, requestObject={"kind": "DeleteOptions", "gracePeriodSeconds": 0})
        | {"responseObject": status}
    )
    row = reading.row("audit_events")
    assert row["uid"] == "u-1"
    assert json.loads(row["request_body"])["gracePeriodSeconds"] == 0


def test_the_pods_of_a_deletecollection_are_kept_in_the_answer(reading: Reading) -> None:
    item = {key: value for key, value in pod().items() if key not in {"kind", "apiVersion"}}
    reading.read(
        audit(verb="deletecollection", objectRef={"name": None, "subresource": None}, requestObject={"kind": "DeleteOptions"})
        | {"responseObject": {"kind": "PodList", "apiVersion": "v1", "items": [item, item]}}
    )
    row = reading.row("audit_events")
    assert len(json.loads(row["response_body"])["items"]) == 2
    assert "managedFields" not in row["response_body"]
    assert row["body_table"] is None


def test_bodies_of_lists_and_of_untracked_kinds_are_not_kept(reading: Reading) -> None:
    service = audit(auditID="b", verb="update", objectRef={"resource": "services", "subresource": None}, responseObject={"kind": "Service"})
    reading.read(audit(verb="list", requestObject=None) | {"responseObject": {"kind": "PodList", "apiVersion": "v1", "items": [pod()]}}, service)
    assert {(row["request_body"], row["response_body"], row["body_table"]) for row in reading.rows("audit_events")} == {(None, None, None)}


def test_bodies_of_more_resources_can_be_kept(reading: Reading) -> None:
    service = audit(verb="get", requestObject=None, objectRef={"resource": "services", "subresource": None}, responseObject={"kind": "Service"})
    reading.read(service, ingest={"keep_bodies_of": ["services"]})
    assert json.loads(reading.row("audit_events")["response_body"])["kind"] == "Service"


@pytest.mark.parametrize("level", ["RequestResponse", "Request"])
def test_an_event_that_is_created_becomes_a_row_of_events(reading: Reading, level: str) -> None:
    answered = {"responseObject": event()} if level == "RequestResponse" else {}
    line = audit(
        level=level,
        verb="create",
        requestURI="/api/v1/namespaces/shop/events",
        objectRef={"resource": "events", "name": "e", "subresource": None},
        responseStatus={"code": 201},
        responseObject=None,
    )
    reading.read(line | {"requestObject": event(metadata={"uid": None})} | answered)
    row = reading.row("k8s_events")
    assert (row["involved_uid"], row["reason"], row["count"], row["component"], row["host"]) == (UID, "Pulled", 2, "kubelet", "n1")
    assert (row["partition_at"], row["observed_at"]) == (_at("2026-11-23T07:17:10.634512Z"),) * 2
    assert row["event_uid"] == ("9698cc89-0399-4e82-b922-453d115c620d" if answered else None)
    assert reading.row("audit_events")["body_table"] == "k8s_events"


def test_a_partial_patch_of_an_event_is_an_audit_event_only(reading: Reading) -> None:
    line = audit(level="Request", verb="patch", objectRef={"resource": "events", "name": "e", "subresource": None}, responseObject=None)
    reading.read(line | {"requestObject": {"count": 3, "lastTimestamp": "2026-11-23T07:17:10Z"}})
    assert reading.rows("k8s_events") == []
    assert json.loads(reading.row("audit_events")["request_body"])["count"] == 3


def test_requests_without_news_are_filtered(reading: Reading) -> None:
    lease = audit(auditID="b", objectRef={"resource": "leases", "apiGroup": "coordination.k8s.io"})
    report = reading.read(audit(stage="RequestReceived"), lease, audit())
    assert (report.sources[0].kept, report.sources[0].filtered) == (1, 2)
    assert reading.row("audit_events")["source_line"] == 3


def test_filters_can_be_chosen(reading: Reading) -> None:
    report = reading.read(audit(stage="RequestReceived"), audit(), filters={"stages": [], "users": ["system:node:n2"]})
    assert report.sources[0].kept == 2


def test_old_logs_have_one_time_only(reading: Reading) -> None:
    line = audit(apiVersion="audit.k8s.io/v1beta1", stageTimestamp=None, requestReceivedTimestamp=None, timestamp="2018-03-02T10:00:00Z")
    reading.read(line)
    assert reading.row("audit_events")["stage_at"] == _at("2018-03-02T10:00:00Z")


def test_batches_of_a_webhook_are_audit_events_too(reading: Reading) -> None:
    items = [{key: value for key, value in audit(auditID=name).items() if key not in {"kind", "apiVersion"}} for name in ("a", "b", "c")]
    batches = [{"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "metadata": {}, "items": part} for part in (items[:2], items[2:])]
    report = reading.read(*batches)
    assert (report.sources[0].shape, report.sources[0].lines) == ("audit_batches", 3)
    assert [(row["source_line"], row["audit_id"]) for row in reading.rows("audit_events")] == [(1, "a"), (2, "b"), (3, "c")]


def test_what_is_no_batch_among_batches_is_accounted_for(reading: Reading) -> None:
    batch = {"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "items": [audit()]}
    source = reading.read(batch, batch, {"level": "info"}, audit(auditID="b"), batch | {"items": None}).sources[0]
    assert (source.shape, source.lines, source.kept, source.duplicates, source.quarantined) == ("audit_batches", 4, 2, 1, 1)
    assert (reading.row("quarantine")["line"], reading.row("quarantine")["reason"]) == (3, "not an audit event")


def test_an_item_of_a_batch_on_a_line_of_its_own_is_an_audit_event(reading: Reading) -> None:
    report = reading.read(audit(kind=None, apiVersion=None))
    assert (report.sources[0].shape, report.kept) == ("audit_lines", 1)
