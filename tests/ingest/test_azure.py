"""AKS writes its audit log as diagnostic records."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.ingest.logs import compact, lines
from tests.ingest.wrapping import AUDITED, SECRET, SECRET_LINE, bare_rows, rows_of, samples

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ingest.logs import Json
    from tests.ingest.reading import Reading


def _record(log: Json | str, category: str = "kube-audit") -> Json:
    return {
        "category": category,
        "operationName": "Microsoft.ContainerService/managedClusters/diagnosticLogs/Read",
        "properties": {"log": log, "stream": "stdout", "pod": "kube-apiserver-5b7d9-x2x4p", "containerID": "0123"},
        "resourceId": "/SUBSCRIPTIONS/1/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS/PROD",
        "time": "2026-11-23T07:17:11.000Z",
    }


_TEXTS = tuple(_record(compact(line)) for line in AUDITED)


@pytest.mark.parametrize(
    ("data", "shape"),
    [
        (lines(*_TEXTS), "azure_lines/audit_lines"),
        (lines(*(dict(reversed(record.items())) for record in _TEXTS)), "azure_lines/audit_lines"),
        (lines(*(_record(line, "kube-audit-admin") for line in AUDITED)), "azure_lines/audit_lines"),
        (lines({"records": [*_TEXTS]}), "azure_batches/audit_lines"),
        (lines({"records": [_TEXTS[0]]}, {"records": [*_TEXTS[1:]]}), "azure_batches/audit_lines"),
        (json.dumps({"records": [*_TEXTS]}, indent=2).encode(), "azure_batches/audit_lines"),
    ],
    ids=["text", "other order", "object", "batch", "batches", "pretty batch"],
)
def test_the_rows_are_those_of_the_bare_lines(reading: Reading, tmp_path: Path, data: bytes, shape: str) -> None:
    source = reading.ingest(reading.file(data, "logs/PT1H.json")).sources[0]
    assert (source.shape, source.lines, source.kept, source.quarantined) == (shape, 3, 3, 0)
    assert rows_of(reading) == bare_rows(tmp_path, *AUDITED)


_MIXED: tuple[Json, ...] = (
    _TEXTS[0],
    _record("I1123 07:17:10.634512 1 server.go:42] hello", "kube-apiserver"),
    _record("{}", "kube-scheduler"),
    _record(compact(AUDITED[0]), "kube-audit-admin"),
    _record("I1123 07:17:10.634512 1 server.go:42] hello"),
    {"category": "kube-audit", "properties": {"pod": "p"}},
    {"some": "object"},
)


@pytest.mark.parametrize("is_batch", [False, True])
def test_every_record_is_accounted_for(reading: Reading, *, is_batch: bool) -> None:
    source = reading.ingest(reading.file(lines({"records": [*_MIXED]}) if is_batch else lines(*_MIXED))).sources[0]
    assert (source.lines, source.kept, source.filtered, source.duplicates, source.quarantined) == (7, 1, 2, 1, 3)
    assert [(row["line"], row["reason"]) for row in reading.rows("quarantine")] == [
        (5, "not JSON"),
        (6, "a diagnostic record without properties.log"),
        (7, "not a diagnostic record"),
    ]


@pytest.mark.parametrize("is_text", [False, True])
def test_secrets_are_hidden_in_what_cannot_be_read(reading: Reading, *, is_text: bool) -> None:
    secret = compact(_record(compact(SECRET_LINE) if is_text else SECRET_LINE))
    cut = secret[: secret.index(SECRET) + len(SECRET)]
    no_time = compact(SECRET_LINE | {"stageTimestamp": None})
    reading.ingest(reading.file(lines(*_TEXTS, cut, _record(no_time), json.loads(secret) | {"properties": {"log_": compact(SECRET_LINE)}})))
    assert len(reading.rows("quarantine")) == 3
    assert SECRET.encode() not in reading.stored()


def test_other_diagnostics_of_azure_are_left_aside(reading: Reading) -> None:
    reading.file(lines(_record("I1123 text", "kube-apiserver")), "logs/apiserver.json")
    reading.file(lines({"category": "Administrative", "operationName": "Microsoft.Compute/virtualMachines/write", "properties": {}}), "logs/vm.json")
    reading.file(lines({"records": [{"name": "www", "type": "A"}]}), "logs/dns.json")
    reading.file(lines(AUDITED[0]), "logs/audit.log")
    assert len(reading.ingest().left_aside) == 3


def test_real_aks_records_are_read_the_same_as_bare_lines(reading: Reading, tmp_path: Path) -> None:
    records = samples("panther-labs_panther-analysis", "aks.jsonl")
    source = reading.ingest(reading.file(lines(*records), "logs/PT1H.json")).sources[0]
    assert (source.shape, source.lines) == ("azure_lines/audit_lines", len(records))
    # Their authors cut them down to what their rules look at; with what a line must have, each is what it is without its wrapper.
    must = {"stage": "ResponseComplete", "requestURI": "/", "stageTimestamp": "2026-11-23T07:17:10Z"}
    logs = [must | json.loads(record["properties"]["log"]) | {"auditID": str(number)} for number, record in enumerate(records)]
    reading.ingest(reading.file(lines({"records": [_record(log) for log in logs]}), "logs/PT1H.json"))
    assert rows_of(reading) == bare_rows(tmp_path, *logs)
    assert len(reading.rows("audit_events")) == len(records)


def test_rows_of_log_analytics_say_what_was_too_big(reading: Reading) -> None:
    row = {
        "TenantId": "t", "TimeGenerated": "2026-11-23T07:17:11Z", "Level": "RequestResponse", "AuditId": "a", "Stage": "ResponseComplete", "Verb": "create",
        "RequestUri": "/api/v1/namespaces/shop/pods", "User": compact({"username": "u"}), "SourceIps": ["10.0.0.1"], "UserAgent": "kubectl/v1.36.2",
        "ObjectRef": {"resource": "pods", "namespace": "shop", "name": "web-1"}, "ResponseStatus": {"code": 201}, "RequestObject": "skipped-too-big-size-object",
        "ResponseObject": None, "RequestReceivedTime": "2026-11-23T07:17:10.620001Z", "StageReceivedTime": "2026-11-23T07:17:10.634512Z", "Annotations": {"a": "b"},
    }  # fmt: skip
    source = reading.read(
        row, row | {"AuditId": "b", "RequestObject": None, "Annotations": ""}, row | {"AuditId": "c", "StageReceivedTime": None}, {"some": "object"}
    ).sources[0]
    assert (source.shape, source.kept, source.quarantined) == ("aks_rows", 2, 2)
    assert [(each["audit_id"], each["is_truncated"], each["user"], each["code"]) for each in reading.rows("audit_events")] == [
        ("a", True, "u", 201),
        ("b", False, "u", 201),
    ]
    assert json.loads(reading.rows("audit_events")[0]["annotations"]) == {"a": "b", "audit.k8s.io/truncated": "true"}
    assert [each["reason"] for each in reading.rows("quarantine")] == ["no stageTimestamp", "not a row of AKSAudit"]


def test_other_categories_of_azure_diagnostics_are_counted(reading: Reading) -> None:
    rows = [
        {"Category": category, "ResourceId": _record("")["resourceId"], "log_s": compact(AUDITED[0]) if category == "kube-audit" else "I1123 text"}
        for category in ("kube-audit", "guard", "kube-scheduler")
    ]
    source = reading.ingest(reading.file(json.dumps(rows, indent=1).encode(), "logs/rows.json")).sources[0]
    assert (source.shape, source.kept, source.filtered) == ("azure_lines/audit_lines", 1, 2)


def test_secrets_in_rows_are_hidden(reading: Reading) -> None:
    row = {
        "AuditId": "a",
        "RequestUri": "/x",
        "Stage": "ResponseComplete",
        "Verb": "create",
        "ObjectRef": {"resource": "secrets"},
        "RequestObject": compact(SECRET_LINE["requestObject"]),
    }
    reading.read(row, {**row, "StageReceivedTime": "2026-11-23T07:17:10Z"}, {"RequestObject": row["RequestObject"]}, compact(row)[:-9])
    assert len(reading.rows("quarantine")) == 3
    assert SECRET.encode() not in reading.stored()
