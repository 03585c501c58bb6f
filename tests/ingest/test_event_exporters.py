"""Programs that keep Events write them each in their own way."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest
import yaml

from tests.ingest.logs import compact, event, lines, merged, pod
from tests.ingest.wrapping import PUBLIC, SECRET, SECRET_LINE

if TYPE_CHECKING:
    from tests.ingest.logs import Json
    from tests.ingest.reading import Reading

_AT = "2026-11-23T07:17:11.000000001Z"


def _bare(value: Json) -> Json:
    return {key: each for key, each in value.items() if key not in {"kind", "apiVersion"}}


def _numbered(number: int) -> Json:
    return event(metadata={"uid": f"e{number}", "resourceVersion": str(number)})


# kubernetes-event-exporter of resmoio (opsgenie before): the Event itself, with what it knows of the object.
def _exported(number: int) -> Json:
    return merged(
        _bare(_numbered(number)), {"clusterName": "prod", "involvedObject": {"labels": {"app": "web"}, "ownerReferences": [{"kind": "ReplicaSet"}]}}
    )


# eventrouter of heptiolabs (vmware, OpenShift): the Event and what it was before.
def _routed(number: int) -> Json:
    old = {"old_event": _bare(_numbered(number - 1))} if number else {}
    return {"verb": "UPDATED" if number else "ADDED", "event": _bare(_numbered(number))} | old


def _sloop(number: int, value: Json | None = None, kind: str = "Event") -> Json:
    record = {"timestamp": {"seconds": 1795418231, "nanos": 500_000_000}, "kind": kind, "payload": compact(_bare(value or _numbered(number)))}
    return record | ({"watchType": number} if number else {})


@pytest.mark.parametrize(
    ("data", "shape"),
    [
        (lines(*map(_exported, range(3))), "object_lines"),
        ("".join(compact(_exported(number)) for number in range(3)).encode(), "object_lines"),
        (json.dumps([_exported(number) for number in range(3)], indent=2).encode(), "object_lines"),
        (
            lines({"streams": [{"stream": {}, "values": [["1795417355000000000", compact(_exported(number))] for number in range(3)]}]}),
            "loki_streams/object_lines",
        ),
        (lines(*({"_index": "events", "_source": _exported(number)} for number in range(3))), "shipper_lines/object_lines"),
        (lines(*({"topic": "events", "offset": number, "payload": compact(_exported(number))} for number in range(3))), "shipper_lines/object_lines"),
        ("\n".join(json.dumps(_numbered(number), indent=4) for number in range(3)).encode(), "object_lines"),
        ("\n".join(json.dumps({"type": "ADDED", "object": _numbered(number)}, indent=4) for number in range(3)).encode(), "watch_frames"),
        (lines(*map(_routed, range(3))), "eventrouter_lines"),
        ("".join(f"{_AT} stdout F {compact(_routed(number))}\n" for number in range(3)).encode(), "cri_lines/eventrouter_lines"),
        (lines(*({"log": compact(_routed(number)) + "\n", "stream": "stdout"} for number in range(3))), "shipper_lines/eventrouter_lines"),
        (
            "".join(f"912 <29>1 {_AT} n1 kubelet - - - {compact(_routed(number))}\n" for number in range(3)).encode(),
            "prefixed_lines/eventrouter_lines",
        ),
        (lines(*map(_sloop, range(3))), "sloop_records"),
        (yaml.dump({"Data": [*map(_sloop, range(3))]}).encode(), "sloop_records"),
        (lines(*({"verb": "x", "event": _numbered(number)} for number in range(3))), "shipper_lines/object_lines"),
        (
            lines(*({"timestamp": _AT, "attributes": {"event_type": "ADDED"}, "body": _bare(_numbered(number))} for number in range(3))),
            "shipper_lines/object_lines",
        ),
    ],
    ids=[
        *("exporter", "exporter by Firehose", "exporter's webhook", "exporter to Loki", "exporter to Elasticsearch", "exporter to Kafka"),
        *("kubectl get -w", "kubectl get --output-watch-events", "eventrouter", "eventrouter's container", "eventrouter by Fluent Bit"),
        *("eventrouter to S3", "Sloop", "Sloop's file", "in `event`", "OpenTelemetry's k8s_event_input"),
    ],
)
def test_events_are_events(reading: Reading, data: bytes, shape: str) -> None:
    source = reading.ingest(reading.file(data, "logs/events.json")).sources[0]
    assert (source.shape, source.lines, source.kept, source.quarantined) == (shape, 3, 3, 0)
    rows = reading.rows("k8s_events")
    assert [(row["event_uid"], row["resource_version"], row["reason"], row["involved_uid"]) for row in rows] == [
        (f"e{number}", number, "Pulled", event()["involvedObject"]["uid"]) for number in range(3)
    ]


def test_eventrouter_says_what_became_of_an_event(reading: Reading) -> None:
    reading.read(_routed(0), _routed(1), _routed(1), {"verb": "UPDATED"}, {"verb": "VANISHED", "event": _bare(_numbered(2))})
    assert (reading.row("sources")["kept"], reading.row("sources")["duplicates"]) == (2, 1)
    assert [row["reason"] for row in reading.rows("quarantine")] == ["not a Kubernetes object", "not a watch frame"]


def test_sloop_saw_objects_at_a_time(reading: Reading) -> None:
    source = reading.read(
        _sloop(0, pod(), "Pod"), _sloop(2, pod(metadata={"resourceVersion": "101"}), "Pod"), _sloop(0), _sloop(0) | {"payload": "{cut"}
    ).sources[0]
    assert (source.shape, source.kept, source.quarantined) == ("sloop_records", 3, 1)
    seen_at = datetime(2026, 11, 23, 7, 17, 11, 500_000, UTC)
    assert [(row["kind"], row["observed_at"], row["is_deleted"]) for row in reading.rows("objects")] == [
        ("Pod", seen_at, False),
        ("Pod", seen_at, True),
    ]
    assert reading.row("k8s_events")["observed_at"] == seen_at


def test_items_of_typed_lists_are_told_by_what_they_have(reading: Reading) -> None:
    node = {
        "metadata": {"name": "n1", "uid": "n", "creationTimestamp": "2026-11-23T07:00:00Z"},
        "spec": {},
        "status": {"nodeInfo": {"kubeletVersion": "v1.36.2"}},
    }
    service = {"metadata": {"name": "s", "uid": "s"}, "spec": {"clusterIP": "10.0.0.1"}}
    source = reading.ingest(reading.file(json.dumps([_bare(pod()), node, service], indent=2).encode(), "logs/all.json")).sources[0]
    assert (source.shape, source.lines, source.kept, source.quarantined) == ("object_lines", 3, 2, 1)
    assert [(row["kind"], row["api_version"], row["uid"]) for row in reading.rows("objects")] == [
        ("Pod", "v1", pod()["metadata"]["uid"]),
        ("Node", "v1", "n"),
    ]


def test_secrets_are_hidden_in_what_cannot_be_read(reading: Reading) -> None:
    secret = SECRET_LINE["requestObject"]
    reading.read(_routed(0), {"verb": "ADDED", "event": secret}, {"verb": "GONE", "event": secret})
    reading.ingest(reading.file(lines(_sloop(0), _sloop(7, secret, "Secret"), _sloop(0, secret, "Secret")), "logs/sloop.json"))
    assert len(reading.rows("quarantine")) == 2
    assert SECRET.encode() not in reading.stored()


def test_rows_of_a_table_become_lines_by_the_statement_of_the_docs(reading: Reading) -> None:
    path = PUBLIC / "hkerma_kubernetes-event-dataset" / "audit-logs.csv.gz"
    if not path.exists():
        pytest.skip("the third-party sample of hkerma is not here (LORGNETTE_PUBLIC)")
    page = (Path(__file__).parents[2] / "docs" / "shapes.md").read_text(encoding="utf-8")
    statement = re.search(r"```sql\n(copy .*?)```", page, re.DOTALL)
    assert statement is not None
    turned = reading.folder / "logs" / "audit.jsonl"
    turned.parent.mkdir()
    duckdb.sql(statement[1].replace("audit.csv", str(path)).replace("audit.jsonl", str(turned)))
    source = reading.ingest().sources[0]
    # The last row is cut in the sample.
    assert (source.shape, source.lines, source.quarantined) == ("audit_lines", 16_564, 1)
    assert {row["level"] for row in reading.rows("audit_events")} == {"Metadata"}
    assert (
        sum(
            row["resource"] == "pods" and row["verb"] == "create" and row["code"] == 201 and not row["subresource"]
            for row in reading.rows("audit_events")
        )
        == 36
    )
