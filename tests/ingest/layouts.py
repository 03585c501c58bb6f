"""Every way to lay out and wrap audit lines that is read, for the property that all of them give the same rows.

Not here: tests.
"""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import yaml

from tests.ingest.logs import compact
from tests.ingest.packing import tar, zipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tests.ingest.logs import Json

_AT = "2026-11-23T07:17:11.000000001Z"
_STREAM = "kube-apiserver-audit-0123456789abcdef0123456789abcdef"


def _each(values: Iterable[object]) -> bytes:
    return "".join(f"{compact(value)}\n" for value in values).encode()


def _text_lines(prefix: str) -> Callable[[Sequence[str]], bytes]:
    return lambda texts: "".join(f"{prefix}{text}\n" for text in texts).encode()


def _enveloped(envelope: Callable[[str], Json]) -> Callable[[Sequence[str]], bytes]:
    return lambda texts: _each(map(envelope, texts))


def _parsed(texts: Sequence[str]) -> list[Json]:
    return [json.loads(text) for text in texts]


def _batch(texts: Sequence[str]) -> Json:
    items = [{key: value for key, value in each.items() if key not in {"kind", "apiVersion"}} for each in _parsed(texts)]
    return {"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "metadata": {}, "items": items}


def _halves(texts: Sequence[str]) -> list[Sequence[str]]:
    return [half for half in (texts[: len(texts) // 2], texts[len(texts) // 2 :]) if half]


def _subscription(texts: Sequence[str]) -> Json:
    events = [{"id": str(number), "timestamp": 1795417355000 + number, "message": text} for number, text in enumerate(texts)]
    return {
        "messageType": "DATA_MESSAGE",
        "owner": "1",
        "logGroup": "/aws/eks/prod/cluster",
        "logStream": _STREAM,
        "subscriptionFilters": ["a"],
        "logEvents": events,
    }


def _filtered(texts: Sequence[str]) -> Json:
    events = [{"logStreamName": _STREAM, "timestamp": 1795417355000, "message": text, "ingestionTime": 1, "eventId": "1"} for text in texts]
    return {"events": events, "searchedLogStreams": []}


def _insights(texts: Sequence[str]) -> Json:
    rows = [
        [{"field": "@timestamp", "value": "2026-11-23 07:17:11.000"}, {"field": "@message", "value": text}, {"field": "@ptr", "value": "C"}]
        for text in texts
    ]
    return {"results": rows, "statistics": {"recordsMatched": 1.0}, "status": "Complete"}


def _diagnostic(log: object, category: str = "kube-audit") -> Json:
    return {
        "category": category,
        "operationName": "Microsoft.ContainerService/managedClusters/diagnosticLogs/Read",
        "properties": {"log": log, "stream": "stdout", "pod": "kube-apiserver-5b7d9-x2x4p"},
        "resourceId": "/SUBSCRIPTIONS/1/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS/PROD",
        "time": _AT,
    }


def _analytics(text: str) -> Json:
    return {
        "TenantId": "t",
        "TimeGenerated": _AT,
        "ResourceId": "/R",
        "Category": "kube-audit",
        "log_s": text,
        "pod_s": "kube-apiserver-1",
        "Type": "AzureDiagnostics",
    }


_AKS_COLUMNS = {
    "Annotations": "annotations",
    "AuditId": "auditID",
    "Level": "level",
    "ObjectRef": "objectRef",
    "RequestObject": "requestObject",
    "RequestReceivedTime": "requestReceivedTimestamp",
    "RequestUri": "requestURI",
    "ResponseObject": "responseObject",
    "ResponseStatus": "responseStatus",
    "SourceIps": "sourceIPs",
    "Stage": "stage",
    "StageReceivedTime": "stageTimestamp",
    "User": "user",
    "UserAgent": "userAgent",
    "Verb": "verb",
}


def _aks_row(text: str, *, as_text: bool = False) -> Json:
    event = json.loads(text)
    row: Json = {"PodName": "kube-apiserver-1", "TimeGenerated": _AT, "Type": "AKSAudit"}
    for column, name in _AKS_COLUMNS.items():
        value = event.get(name)
        row[column] = compact(value) if as_text and isinstance(value, dict | list) else value
    return row


def _cri(texts: Sequence[str]) -> bytes:
    part = 3_000
    parts = [(text[start : start + part], "P" if start + part < len(text) else "F") for text in texts for start in range(0, len(text), part)]
    return "".join(f"2026-11-23T07:17:11.{number:09}Z stdout {tag} {text}\n" for number, (text, tag) in enumerate(parts)).encode()


def _stream(texts: Sequence[str]) -> Json:
    return {"stream": {"job": "audit"}, "values": [[str(1795417355000000000 + number), text] for number, text in enumerate(texts)]}


def _otlp(texts: Sequence[str]) -> Json:
    records = [{"timeUnixNano": "1", "body": {"stringValue": text}, "attributes": [{"key": "k", "value": {"stringValue": "v"}}]} for text in texts]
    return {
        "resourceLogs": [
            {"resource": {"attributes": [{"key": "host", "value": {"stringValue": "h"}}]}, "scopeLogs": [{"scope": {}, "logRecords": records}]}
        ]
    }


def _yaml(texts: Sequence[str]) -> bytes:
    return yaml.dump_all(_parsed(texts), explicit_start=True, sort_keys=False, Dumper=yaml.CSafeDumper).encode()


def _filebeat(text: str) -> Json:
    return {
        "@timestamp": _AT,
        "@metadata": {"beat": "filebeat"},
        "log": {"offset": 0, "file": {"path": "/audit.log"}},
        "message": text,
        "event": {"module": "k"},
    }


LAYOUTS: dict[str, tuple[str, Callable[[Sequence[str]], bytes]]] = {
    "native": ("audit_lines", _text_lines("")),
    "array": ("audit_lines", lambda texts: f"[{','.join(texts)}]".encode()),
    "array, one per line": ("audit_lines", lambda texts: ("[\n" + ",\n".join(texts) + "\n]\n").encode()),
    "pretty array": ("audit_lines", lambda texts: json.dumps(_parsed(texts), indent=2, ensure_ascii=False).encode()),
    "pretty": ("audit_lines", lambda texts: "\n".join(json.dumps(each, indent=4) for each in _parsed(texts)).encode()),
    "concatenated": ("audit_lines", lambda texts: "".join(texts).encode()),
    "pretty, concatenated": ("audit_lines", lambda texts: "".join(json.dumps(each, indent=2) for each in _parsed(texts)).encode()),
    "text sequence": ("audit_lines", _text_lines("\x1e")),
    "YAML": ("audit_lines", _yaml),
    "webhook batches": ("audit_batches", lambda texts: _each(map(_batch, _halves(texts)))),
    "array of batches": ("audit_batches", lambda texts: compact([_batch(half) for half in _halves(texts)]).encode()),
    "pretty batch": ("audit_batches", lambda texts: json.dumps(_batch(texts), indent=2).encode()),
    "EKS export": ("cloudwatch_lines/audit_lines", _text_lines("2026-11-23T07:17:11.000Z ")),
    "EKS subscription": ("cloudwatch_batches/audit_lines", lambda texts: _each(map(_subscription, _halves(texts)))),
    "EKS Firehose": (
        "cloudwatch_batches/audit_lines",
        lambda texts: b"".join(gzip.compress(compact(_subscription(half)).encode()) for half in _halves(texts)),
    ),
    "EKS filter-log-events": ("cloudwatch_batches/audit_lines", lambda texts: json.dumps(_filtered(texts), indent=4).encode()),
    "EKS Logs Insights": ("cloudwatch_batches/audit_lines", lambda texts: json.dumps(_insights(texts), indent=4).encode()),
    "EKS logs tail": ("prefixed_lines/audit_lines", _text_lines(f"2026-11-23T07:17:11+00:00 {_STREAM} ")),
    "AKS text": ("azure_lines/audit_lines", _enveloped(_diagnostic)),
    "AKS object": ("azure_lines/audit_lines", lambda texts: _each(_diagnostic(each, "kube-audit-admin") for each in _parsed(texts))),
    "AKS Event Hub": ("azure_batches/audit_lines", lambda texts: _each({"records": [*map(_diagnostic, half)]} for half in _halves(texts))),
    "AKS AzureDiagnostics": ("azure_lines/audit_lines", lambda texts: json.dumps([*map(_analytics, texts)], indent=2).encode()),
    "AKS AKSAudit": ("aks_rows", _enveloped(_aks_row)),
    "AKS AKSAudit as text": ("aks_rows", lambda texts: json.dumps([_aks_row(text, as_text=True) for text in texts], indent=2).encode()),
    "AKS AKSAudit batches": ("aks_batches", lambda texts: _each({"records": [*map(_aks_row, half)]} for half in _halves(texts))),
    "Filebeat": ("shipper_lines/audit_lines", _enveloped(_filebeat)),
    "Filebeat in Elasticsearch": ("shipper_lines/audit_lines", _enveloped(lambda text: {"_index": "i", "_id": "1", "_source": _filebeat(text)})),
    "Elastic Agent": (
        "shipper_lines/audit_lines",
        _enveloped(lambda text: {"@timestamp": _AT, "log": {"offset": 1}, "kubernetes": {"audit": json.loads(text)}}),
    ),
    "Fluent Bit": (
        "shipper_lines/audit_lines",
        _enveloped(lambda text: {"date": 1.5, "stream": "stdout", "log": text + "\n", "kubernetes": {"host": "h"}}),
    ),
    "Fluent Bit over HTTP": ("shipper_lines/audit_lines", lambda texts: compact([{"date": 1.5, "log": text} for text in texts]).encode()),
    "Vector": (
        "shipper_lines/audit_lines",
        _enveloped(lambda text: {"file": "/audit.log", "message": text, "source_type": "file", "timestamp": _AT}),
    ),
    "Docker": ("shipper_lines/audit_lines", _enveloped(lambda text: {"log": text + "\n", "stream": "stdout", "time": _AT})),
    "Splunk HEC": ("shipper_lines/audit_lines", _enveloped(lambda text: {"time": 1.5, "host": "h", "event": json.loads(text)})),
    "Splunk search": ("shipper_lines/audit_lines", _enveloped(lambda text: {"preview": False, "result": {"_raw": text, "host": "h"}})),
    "journald": ("shipper_lines/audit_lines", _enveloped(lambda text: {"__REALTIME_TIMESTAMP": "1", "MESSAGE": text, "_PID": "1"})),
    "Loki streams": ("loki_streams/audit_lines", lambda texts: _each(map(_stream, _halves(texts)))),
    "Loki answer": (
        "loki_streams/audit_lines",
        lambda texts: compact({"status": "success", "data": {"result": [*map(_stream, _halves(texts))]}}).encode(),
    ),
    "OpenTelemetry": ("otlp_batches/audit_lines", lambda texts: _each(map(_otlp, _halves(texts)))),
    "container runtime": ("cri_lines/audit_lines", _cri),
    "syslog": ("prefixed_lines/audit_lines", _text_lines("<13>1 2026-11-23T07:17:11Z cp-1 kube-apiserver 912 - - ")),
    "tar.gz": ("audit_lines", lambda texts: gzip.compress(tar({"audit.log": _text_lines("")(texts)}))),
    "gzip in a zip": ("audit_lines", lambda texts: zipped({"audit.log.gz": gzip.compress(_text_lines("")(texts))})),
}
NATIVE: Any = LAYOUTS["native"][1]
