"""Events and objects outside of audit logs: watches, lists and lines."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.ingest.logs import UID, Json, compact, event, lines, merged, pod

if TYPE_CHECKING:
    from tests.ingest.reading import Reading


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _frame(body: Json, frame_type: str = "ADDED", observed_at: str | None = "2026-11-23T08:00:00.5Z") -> Json:
    return merged({"observed_at": observed_at, "type": frame_type, "object": body}, {"observed_at": observed_at})


_EVENTS_V1 = {
    "metadata": event()["metadata"],
    "eventTime": "2026-11-23T07:02:18.123456Z",
    "reason": "Scheduled",
    "regarding": event()["involvedObject"],
    "note": "assigned",
    "type": "Normal",
    "action": "Binding",
    "series": {"count": 5, "lastObservedTime": "2026-11-23T07:05:00.000001Z"},
    "reportingController": "default-scheduler",
    "reportingInstance": "default-scheduler-vm",
    "kind": "Event",
    "apiVersion": "events.k8s.io/v1",
}


def test_a_watch_frame_of_an_event(reading: Reading) -> None:
    report = reading.read(_frame(event()))
    assert report.sources[0].shape == "watch_frames"
    row = reading.row("k8s_events")
    expected = {
        "origin": "watch",
        "partition_at": _at("2026-11-23T07:02:18Z"),
        "observed_at": _at("2026-11-23T08:00:00.5Z"),
        "received_at": None,
        "is_deleted": False,
        "event_namespace": "shop",
        "event_name": "web-1.18ea9a8e8456617d",
        "resource_version": 7,
        "created_at": _at("2026-11-23T07:02:18Z"),
        "involved_kind": "Pod",
        "involved_name": "web-1",
        "involved_uid": UID,
        "involved_field_path": "spec.containers{app}",
        "reason": "Pulled",
        "message": "Container image already present",
        "type": "Normal",
        "count": 2,
        "first_at": _at("2026-11-23T07:02:18Z"),
        "last_at": _at("2026-11-23T07:02:19Z"),
        "event_at": None,
        "component": "kubelet",
        "host": "n1",
    }
    assert {name: row[name] for name in expected} == expected


def test_the_newer_shape_of_events_becomes_the_same_columns(reading: Reading) -> None:
    reading.read(_frame(_EVENTS_V1))
    row = reading.row("k8s_events")
    expected = {
        "partition_at": _at("2026-11-23T07:02:18.123456Z"),
        "event_at": _at("2026-11-23T07:02:18.123456Z"),
        "first_at": None,
        "last_at": _at("2026-11-23T07:05:00.000001Z"),
        "involved_uid": UID,
        "message": "assigned",
        "action": "Binding",
        "count": 5,
        "component": "default-scheduler",
        "host": "default-scheduler-vm",
    }
    assert {name: row[name] for name in expected} == expected


def test_a_deleted_frame_is_the_last_sighting(reading: Reading) -> None:
    reading.read(_frame(pod()), _frame(pod(metadata={"resourceVersion": "101"}), "DELETED"), _frame(event(), "DELETED"))
    assert [row["is_deleted"] for row in reading.rows("objects")] == [False, True]
    assert [row["verb"] for row in reading.rows("objects")] == ["added", "deleted"]
    assert reading.row("k8s_events")["is_deleted"]


def test_repeats_and_bookmarks_are_counted_and_not_stored(reading: Reading) -> None:
    bookmark = {"type": "BOOKMARK", "object": {"kind": "Pod", "apiVersion": "v1", "metadata": {"resourceVersion": "9"}}}
    report = reading.read(_frame(pod()), _frame(pod(), "LISTED"), bookmark, _frame(event()), _frame(event()), _frame(event(), "LISTED"))
    source = report.sources[0]
    assert (source.lines, source.kept, source.filtered, source.duplicates) == (6, 3, 1, 2)
    assert len(reading.rows("objects")) == 1
    assert len(reading.rows("k8s_events")) == 2


def test_a_list_is_read_item_by_item(reading: Reading) -> None:
    items = [{key: value for key, value in event(metadata={"uid": name}).items() if key not in {"kind", "apiVersion"}} for name in ("a", "b")]
    report = reading.ingest(reading.file(compact({"kind": "EventList", "apiVersion": "v1", "metadata": {}, "items": items}).encode(), "logs/e.json"))
    assert (report.sources[0].shape, report.sources[0].lines) == ("object_list", 2)
    assert [(row["source_line"], row["event_uid"], row["origin"], row["observed_at"]) for row in reading.rows("k8s_events")] == [
        (1, "a", "list", None),
        (2, "b", "list", None),
    ]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_kubectl_output_is_read_as_it_is_printed(reading: Reading, newline: str) -> None:
    document = {
        "apiVersion": "v1",
        "items": [pod(), event(), {"apiVersion": "v1", "kind": "Service", "metadata": {"uid": "s"}}],
        "kind": "List",
        "metadata": {},
    }
    report = reading.ingest(reading.file(json.dumps(document, indent=4).replace("\n", newline).encode() + b"\n", "logs/all.json"))
    source = report.sources[0]
    assert (source.shape, source.lines, source.kept, source.filtered) == ("object_list", 3, 2, 1)
    assert "\n" not in reading.row("objects")["body"]


def test_pretty_objects_one_after_the_other(reading: Reading) -> None:
    documents = "\n".join(json.dumps(pod(metadata={"uid": name}), indent=2) for name in ("a", "b")) + "\n"
    report = reading.ingest(reading.file(documents.encode(), "logs/pods.json"), ingest={"chunk_bytes": 1024})
    assert (report.sources[0].shape, report.sources[0].lines) == ("object_lines", 2)
    assert [(row["source_line"], row["uid"]) for row in reading.rows("objects")] == [(1, "a"), (2, "b")]


def test_what_is_no_list_among_lists_is_accounted_for(reading: Reading) -> None:
    items = {"kind": "PodList", "apiVersion": "v1", "items": [pod()]}
    none = {"kind": "PodList", "apiVersion": "v1", "items": None}
    source = reading.read(items, items | {"items": [pod(metadata={"uid": "b"})]}, {"level": "info"}, pod(metadata={"uid": "c"}), none).sources[0]
    assert (source.shape, source.lines, source.kept, source.quarantined) == ("object_list", 4, 3, 1)
    assert (reading.row("quarantine")["line"], reading.row("quarantine")["reason"]) == (3, "not a Kubernetes object")


def test_events_without_a_kind_are_events_all_the_same(reading: Reading) -> None:
    report = reading.read(
        event(kind=None, apiVersion=None), merged(_EVENTS_V1, {"kind": None, "apiVersion": None, "metadata": {"resourceVersion": "8"}})
    )
    assert report.sources[0].shape == "object_lines"
    assert [row["reason"] for row in reading.rows("k8s_events")] == ["Pulled", "Scheduled"]


def test_a_listed_object_was_so_at_the_latest_time_that_it_tells(reading: Reading) -> None:
    body = pod(metadata={"managedFields": None, "deletionTimestamp": "2026-11-23T09:00:00Z", "annotations": {"expires": "2036-01-01T00:00:00Z"}})
    reading.read(
        body | {"status": {"conditions": [{"lastTransitionTime": "2026-11-23T07:30:00Z"}, {"lastTransitionTime": "2026-11-23T07:20:00.5Z"}]}}
    )
    row = reading.row("objects")
    assert (row["observed_at"], row["origin"], row["verb"]) == (_at("2026-11-23T07:30:00Z"), "list", None)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (_frame(event(), "RENAMED"), "not a watch frame"),
        (_frame(event(), observed_at="soon"), "bad observed_at"),
        (_frame(event(firstTimestamp=None, metadata={"creationTimestamp": None})), "an Event without a readable time"),
        (_frame(pod(metadata={"uid": None})), "an object without metadata.uid"),
        (_frame({"metadata": {"name": "x"}}), "not a Kubernetes object"),
    ],
)
def test_frames_that_cannot_be_read_say_why(reading: Reading, line: Json, reason: str) -> None:
    report = reading.read(_frame(pod()), line)
    assert (report.kept, report.quarantined) == (1, 1)
    row = reading.row("quarantine")
    assert (row["reason"], row["line"]) == (reason, 2)


def test_a_list_that_is_too_long_names_the_remedy(reading: Reading) -> None:
    good = reading.file(lines(_frame(pod())), "logs/pods.jsonl")
    document = compact({"kind": "PodList", "apiVersion": "v1", "items": [pod()] * 20}).encode()
    report = reading.ingest(good, reading.file(document, "logs/list.json"), ingest={"max_document_bytes": 4096, "chunk_bytes": 1024})
    assert len(report.sources) == 1
    assert "jq -c '.items[]'" in report.unreadable[0].remedy
