"""What support tools gather: must-gather of OpenShift and support bundles of Replicated, as folders and as archives."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.ingest.logs import audit, compact, event, lines, pod
from tests.ingest.packing import PACKERS
from tests.ingest.wrapping import PUBLIC, rows_of

if TYPE_CHECKING:
    from tests.ingest.reading import Reading

_ROOT = "must-gather.local.1/quay-io-openshift-release-dev-sha256-1"
_SECRET = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db", "uid": "s"}, "data": {"password": "aHVudGVyMg=="}}


def _yaml(kind: str, *items: object) -> bytes:
    return ("---\n" + yaml.dump({"apiVersion": "v1", "items": list(items), "kind": kind, "metadata": {"resourceVersion": "1"}})).encode()


def _must_gather() -> dict[str, bytes]:
    servers = ("kube-apiserver", "openshift-apiserver", "oauth-apiserver")
    logs = {
        f"{_ROOT}/audit_logs/{server}/master-0-audit-2026-11-23T07-17-10.634.log.gz": gzip.compress(lines(audit(auditID=server)))
        for server in servers
    }
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1", "uid": "n", "creationTimestamp": "2026-11-23T07:00:00Z"}}
    return logs | {
        f"{_ROOT}/audit_logs/kube-apiserver.audit_logs_listing": b"master-0 audit.log\n",
        f"{_ROOT}/namespaces/shop/core/pods.yaml": _yaml("PodList", pod()),
        f"{_ROOT}/namespaces/shop/core/events.yaml": _yaml("EventList", event(), event(metadata={"uid": "e2"})),
        f"{_ROOT}/namespaces/shop/core/secrets.yaml": _yaml("SecretList", _SECRET),
        f"{_ROOT}/namespaces/shop/core/configmaps.yaml": _yaml("ConfigMapList"),
        f"{_ROOT}/namespaces/shop/pods/web-1/web-1.yaml": b"---\n" + yaml.dump(pod()).encode(),
        f"{_ROOT}/namespaces/shop/pods/web-1/app/app/logs/current.log": b"2026-11-23T07:17:11.000000001Z hello: world\n",
        f"{_ROOT}/cluster-scoped-resources/core/nodes/n1.yaml": b"---\n" + yaml.dump(node).encode(),
    }


@pytest.mark.parametrize("kind", [None, "tar.gz", "zip"])
def test_must_gather(reading: Reading, kind: str | None) -> None:
    files = {"must-gather": PACKERS[kind](_must_gather())} if kind else _must_gather()
    for name, data in files.items():
        path = reading.folder / "logs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    report = reading.ingest()
    assert (report.unreadable, report.quarantined, len(report.left_aside)) == ([], 0, 4)
    assert sorted(row["audit_id"] for row in reading.rows("audit_events")) == ["kube-apiserver", "oauth-apiserver", "openshift-apiserver"]
    assert sorted(row["event_uid"] for row in reading.rows("k8s_events")) == [event()["metadata"]["uid"], "e2"]
    listed = [row for row in reading.rows("objects") if row["origin"] == "list"]
    assert sorted(row["kind"] for row in listed) == ["Node", "Pod", "Pod"]
    assert "managedFields" not in str(listed)


def test_yaml_tells_what_json_tells(reading: Reading) -> None:
    items = [pod(), event(), pod(metadata={"uid": "b", "resourceVersion": "7"})]
    reading.ingest(reading.file(_yaml("List", *items), "logs/all.yaml"))
    told = rows_of(reading)
    reading.ingest(reading.file(compact({"apiVersion": "v1", "kind": "List", "items": items}).encode(), "logs/all.yaml"))
    expected = rows_of(reading)
    for row in (*told["objects"], *expected["objects"]):
        row["body"] = json.loads(row["body"])
    assert told == expected


def test_yaml_that_cannot_be_read_is_quarantined_without_its_text(reading: Reading) -> None:
    text = _yaml("PodList", pod()) + b"---\nkind: Secret\nstringData:\n  password: hunter2\n  broken: [\n"
    source = reading.ingest(reading.file(text, "logs/pods.yaml")).sources[0]
    assert (source.shape, source.lines, source.kept, source.quarantined) == ("object_lines", 2, 1, 1)
    assert "YAML that cannot be read" in reading.row("quarantine")["raw"]
    assert b"hunter2" not in reading.stored()


def test_a_real_support_bundle(reading: Reading) -> None:
    folder = PUBLIC / "replicatedhq_troubleshoot" / "real-support-bundles"
    if not folder.exists():
        pytest.skip("the third-party support bundle is not here (LORGNETTE_PUBLIC)")
    files = {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.json"))}
    path = reading.folder / "logs" / "bundle"
    path.parent.mkdir()
    path.write_bytes(PACKERS["tar.gz"](files))
    report = reading.ingest()
    assert (report.unreadable, report.quarantined) == ([], 0)
    assert len(reading.rows("k8s_events")) == 196
    assert sum(row["kind"] == "Pod" for row in reading.rows("objects")) == 13


def test_a_real_stream_in_yaml(reading: Reading) -> None:
    path = PUBLIC / "weaveworks-experiments_kspan" / "deployment-2-pods.yaml"
    if not path.exists():
        pytest.skip("the third-party sample of kspan is not here (LORGNETTE_PUBLIC)")
    source = reading.ingest(str(path)).sources[0]
    assert (source.shape, source.lines, source.kept) == ("object_lines", 26, 26)
    assert {"ScalingReplicaSet", "Scheduled", "Started"} <= {row["reason"] for row in reading.rows("k8s_events")}


@pytest.mark.parametrize(
    ("folder", "lines_count", "kept"),
    [("falcosecurity_falco", 54, 51), ("liggitt_audit2rbac", 37, 37), ("afcollins_kube-audit-log-tool", 1, 0)],
)
def test_other_peoples_samples(reading: Reading, folder: str, lines_count: int, kept: int) -> None:
    if not (PUBLIC / folder).exists():
        pytest.skip(f"the third-party sample {folder} is not here (LORGNETTE_PUBLIC)")
    report = reading.ingest(str(PUBLIC / folder))
    assert (report.lines, report.kept, report.quarantined, report.unreadable) == (lines_count, kept, 0, [])
