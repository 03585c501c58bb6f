"""Which API server wrote a line: by what the wrapper says, else by the path, where the files of one rotated log are one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipelines.sources.servers import server_of
from tests.ingest.logs import audit, compact, lines
from tests.ingest.packing import tar

if TYPE_CHECKING:
    from tests.ingest.logs import Json
    from tests.ingest.reading import Reading

_STREAM = "kube-apiserver-audit-0123456789abcdef0123456789abcdef"
_LINE = compact(audit())


@pytest.mark.parametrize(
    ("uri", "server"),
    [
        ("/v/audit.log", "/v/audit.log"),
        ("/v/audit-2026-11-23T07-07-53.125.log.gz", "/v/audit.log"),
        ("/v/audit-cp1-2026-11-23T07-07-53.125.log", "/v/audit-cp1.log"),
        ("/v/audit.log.1", "/v/audit.log"),
        ("/v/audit.log.12.gz", "/v/audit.log"),
        ("/v/audit.log-20261123.gz", "/v/audit.log"),
        ("/v/audit.log-1795417355", "/v/audit.log"),
        ("s3://b/cp1/2026/11/23/audit.log.zst", "s3://b/cp1/audit.log"),
        ("s3://b/cp1/date=2026-11-23/hour=07/audit-2026-11-23.log", "s3://b/cp1/audit.log"),
        ("/parts/audit-0001.log", "/parts/audit-0001.log"),
        ("mg.tar.gz!/mg/audit_logs/kube-apiserver/master-0.example.com-audit-2026-11-23T07-07-53.125.log.gz", "master-0.example.com"),
        ("/mg/audit_logs/openshift-apiserver/master-1-audit.log", "master-1"),
        (f"s3://b/export/7/{_STREAM}/000000.gz", _STREAM),
        ("/var/log/pods/kube-system_kube-apiserver-cp-1_8f3a/kube-apiserver/0.log.20261123-071711.gz", "kube-apiserver-cp-1"),
        ("/var/log/containers/kube-apiserver-cp-1_kube-system_kube-apiserver-0123.log", "kube-apiserver-cp-1"),
        ("audit.log", "audit.log"),
    ],
)
def test_a_path_names_the_server(uri: str, server: str) -> None:
    assert server_of(uri) == server


def _loki(**labels: str) -> Json:
    return {"stream": {"job": "audit"} | labels, "values": [["1795417355000000000", _LINE]]}


def _otlp(**attributes: str) -> Json:
    told = [{"key": key.replace("_", "."), "value": {"stringValue": value}} for key, value in attributes.items()]
    return {"resourceLogs": [{"resource": {"attributes": told}, "scopeLogs": [{"logRecords": [{"body": {"stringValue": _LINE}}]}]}]}


@pytest.mark.parametrize(
    ("line", "server"),
    [
        ({"messageType": "DATA_MESSAGE", "logStream": _STREAM, "logEvents": [{"id": "1", "timestamp": 1, "message": _LINE}]}, _STREAM),
        ({"events": [{"logStreamName": _STREAM, "timestamp": 1, "message": _LINE}]}, _STREAM),
        ({"category": "kube-audit", "properties": {"log": _LINE, "pod": "kube-apiserver-5b7d9-x2x4p"}}, "kube-apiserver-5b7d9-x2x4p"),
        ({"Category": "kube-audit", "log_s": _LINE, "pod_s": "kube-apiserver-1"}, "kube-apiserver-1"),
        ({"message": _LINE, "host": {"name": "filebeat-x"}, "kubernetes": {"node": {"name": "cp-1"}}}, "cp-1"),
        ({"message": _LINE, "host": {"name": "cp-1"}, "agent": {"type": "filebeat"}}, "cp-1"),
        ({"_index": "i", "_id": "1", "_source": {"message": _LINE, "host": {"name": "cp-1"}}}, "cp-1"),
        ({"log": _LINE, "stream": "stdout", "kubernetes": {"pod_name": "kube-apiserver-cp-2", "host": "cp-1"}}, "kube-apiserver-cp-2"),
        ({"log": _LINE, "stream": "stdout", "kubernetes": {"pod_name": "audit-webhook-0", "host": "cp-1"}}, "cp-1"),
        ({"message": _LINE, "file": "/audit.log", "host": "cp-1", "source_type": "file"}, "cp-1"),
        ({"MESSAGE": _LINE, "_HOSTNAME": "cp-1"}, "cp-1"),
        ({"labels": {"job": "audit", "node_name": "cp-1"}, "line": _LINE, "timestamp": "2026-11-23T07:17:11Z"}, "cp-1"),
        (_loki(node_name="cp-1", pod="promtail-x"), "cp-1"),
        (_loki(pod="kube-apiserver-cp-2", node="cp-1"), "kube-apiserver-cp-2"),
        ({"streams": [_loki(host="cp-1")]}, "cp-1"),
        (_otlp(k8s_node_name="cp-1", host_name="otel"), "cp-1"),
        (f"Nov 23 07:17:11 cp-1 kube-apiserver[912]: {_LINE}", "cp-1"),
        (f"<13>1 2026-11-23T07:17:11Z cp-1 kube-apiserver 912 - - {_LINE}", "cp-1"),
        (f"2026-11-23T07:17:11+0000 cp-1 kube-apiserver[912]: {_LINE}", "cp-1"),
        (f"2026-11-23T07:17:11+00:00 {_STREAM} {_LINE}", _STREAM),
        (f"2026-11-23T07:17:11.5Z stdout F {_LINE}", None),
        (_loki(), None),
        (_otlp(), None),
        (_LINE, None),
    ],
)
def test_a_wrapper_names_the_server_before_the_path_does(reading: Reading, line: Json | str, server: str | None) -> None:
    path = reading.file(lines(line), "logs/audit-2026-11-23T07-07-53.125.log")
    reading.ingest(path)
    assert reading.row("audit_events")["server"] == (server or path.replace("-2026-11-23T07-07-53.125", ""))


def test_servers_of_one_file_are_told_apart(reading: Reading) -> None:
    records = [{"category": "kube-audit", "properties": {"log": compact(audit(auditID=pod)), "pod": pod}} for pod in ("a", "b")]
    other = {"category": "kube-audit", "properties": {"log": compact(audit(auditID="c")), "pod": ""}}
    path = reading.file(lines({"records": records}, {"records": [other]}), "logs/PT1H.json")
    reading.ingest(path)
    assert [(row["audit_id"], row["server"]) for row in reading.rows("audit_events")] == [("a", "a"), ("b", "b"), ("c", path)]


def test_the_masters_of_a_bundle_are_servers(reading: Reading) -> None:
    names = ("kube-apiserver/m-0-audit.log", "kube-apiserver/m-1-audit-2026-11-23T07-07-53.125.log", "oauth-apiserver/m-1-audit.log")
    bundle = {f"must-gather/audit_logs/{name}": lines(audit(auditID=name)) for name in names}
    reading.ingest(reading.file(tar(bundle), "logs/mg.tar"))
    assert {row["audit_id"]: row["server"] for row in reading.rows("audit_events")} == dict(zip(names, ("m-0", "m-1", "m-1"), strict=True))
