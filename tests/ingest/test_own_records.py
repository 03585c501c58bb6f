"""Logs of the user's own: read by a mapping, accounted for, redacted like everything else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.config import Settings
from pipelines.errors import ConfigError
from pipelines.ingest import IngestReport, ingest
from tests.ingest.logs import lines
from tests.ingest.reading import CLUSTER

if TYPE_CHECKING:
    from tests.ingest.logs import Json
    from tests.ingest.reading import Reading

AT = datetime(2026, 11, 23, 7, 2, 35, 271_000, tzinfo=UTC)


def read(reading: Reading, mapping: Json, *records: Json | str) -> IngestReport:
    path = reading.file(lines(*records), "ipam.jsonl")
    return ingest(reading.lake, CLUSTER, [path], Settings(records={"ipam": mapping}), shape="ipam")


def test_each_field_is_found_where_the_mapping_says(reading: Reading) -> None:
    mapping = {
        "at": "$.ts",
        "uncertainty_ms": 5,
        "namespace": "$.pod.namespace",
        "name": "$.pod.name",
        "key": {"path": "$.uri", "pattern": "^/v2/(.+)/manifests/"},
        "reason": "$.op",
        "code": "$.status",
        "value": "pull",
    }
    record = {
        "ts": "2026-11-23T07:02:35.271Z",
        "op": "GET",
        "uri": "/v2/shop/web/manifests/1.4",
        "status": 200,
        "pod": {"namespace": "shop", "name": "web-1"},
    }
    report = read(reading, mapping, record)
    assert (report.lines, report.kept, report.quarantined) == (1, 1, 0)
    row = reading.row("custom_records")
    told = {
        "records": "ipam",
        "kind": "Pod",
        "namespace": "shop",
        "name": "web-1",
        "key": "shop/web",
        "reason": "GET",
        "code": 200,
        "value": "pull",
        "uid": None,
    }
    assert {name: row[name] for name in told} == told
    assert (row["recorded_at"], row["uncertainty_ms"]) == (AT, 5.0)


@pytest.mark.parametrize(
    ("how", "at"),
    [
        ({}, "2026-11-23T08:02:35.271+01:00"),
        ({}, "2026-11-23 07:02:35.271"),
        ({"time_unit": "s"}, 1795417355.271),
        ({"time_unit": "ms"}, 1795417355271),
        ({"time_unit": "us"}, "1795417355271000"),
        ({"time_unit": "ns"}, 1795417355271000123),
        ({"time_format": "%d/%b/%Y:%H:%M:%S.%f %z"}, "23/Nov/2026:07:02:35.271000 +0000"),
    ],
)
def test_times_are_read_in_any_unit_and_format(reading: Reading, how: Json, at: Any) -> None:  # noqa: ANN401 - a time of any kind
    read(reading, {"at": "$.at", **how}, {"at": at})
    assert reading.row("custom_records")["recorded_at"] == AT


def test_what_has_no_readable_time_goes_to_the_quarantine_and_repeats_are_counted(reading: Reading) -> None:
    good = {"ts": "2026-11-23T07:02:35.271Z"}
    report = read(reading, {"at": "$.ts"}, good, good, {"ts": "soon"}, {"other": 1}, "no JSON")
    (source,) = report.sources
    assert (source.lines, source.kept, source.duplicates, source.quarantined, source.filtered) == (5, 1, 1, 3, 0)
    assert [row["reason"] for row in reading.rows("quarantine")] == ["no readable time at $.ts", "no readable time at $.ts", "not JSON"]


def test_it_says_nothing_of_how_far_the_clusters_log_reaches(reading: Reading) -> None:
    read(reading, {"at": "$.ts"}, {"ts": "2026-11-23T07:02:35.271Z"})
    assert reading.row("sources")["last_at"] is None


def test_another_mapping_reads_the_file_anew_and_the_same_one_does_not(reading: Reading) -> None:
    record = {"ts": "2026-11-23T07:02:35.271Z", "a": "x", "b": "y"}
    assert [read(reading, {"at": "$.ts", "key": f"$.{name}"}, record).sources[0].is_unchanged for name in "aab"] == [False, True, False]
    assert reading.row("custom_records")["key"] == "y"


def test_secrets_are_hidden_in_it(reading: Reading) -> None:
    read(
        reading,
        {"at": "$.ts", "message": "$.text"},
        {"ts": "2026-11-23T07:02:35.271Z", "text": "Authorization: Bearer c2VjcmV0LXNlY3JldA", "env": [{"name": "A", "value": "hush"}]},
    )
    row = reading.row("custom_records")
    assert "c2VjcmV0" not in str(row)
    assert "hush" not in str(row)


def test_a_shape_that_nobody_has_named_is_an_error_that_lists_the_known(reading: Reading) -> None:
    with pytest.raises(ConfigError, match="Did you mean `ipam`"):
        ingest(reading.lake, CLUSTER, [reading.file(b"{}\n")], Settings(records={"ipam": {"at": "$.ts"}}), shape="ipan")


@pytest.mark.parametrize(
    ("field", "value"), [("at", "ts"), ("key", "$.pod.("), ("key", {"path": "$.a", "pattern": "("}), ("time_unit", "min"), ("color", "$.c")]
)
def test_a_mapping_that_cannot_be_is_refused(field: str, value: Any) -> None:  # noqa: ANN401 - wrong in many ways
    with pytest.raises(ValueError, match=field):
        Settings(records={"ipam": {"at": "$.ts", field: value}})


@pytest.mark.parametrize(
    ("how", "record", "took_s"),
    [
        ({"end": "$.until"}, {"until": "2026-11-23T07:02:37.771Z"}, 2.5),
        ({"duration": "$.took"}, {"took": 2.5}, 2.5),
        ({"duration": {"path": "$.took", "pattern": "^(.+)ms$"}, "duration_unit": "ms"}, {"took": "250.5ms"}, 0.2505),
        ({"duration": "$.took", "duration_unit": "ns"}, {"took": "2500000000"}, 2.5),
        ({"end": "$.until"}, {}, None),
        ({"duration": "$.took"}, {"took": None}, None),
    ],
)
def test_a_record_may_say_when_it_ended(reading: Reading, how: Json, record: Json, took_s: float | None) -> None:
    read(reading, {"at": "$.ts", **how}, {"ts": "2026-11-23T07:02:35.271Z", **record})
    row = reading.row("custom_records")
    assert (row["recorded_at"], row["ended_at"]) == (AT, None if took_s is None else AT + timedelta(seconds=took_s))


def test_an_access_log_says_when_it_ended_and_how_long_it_took(reading: Reading) -> None:
    read(reading, {"at": "$.ts", "duration": "$.took", "at_is": "end"}, {"ts": "2026-11-23T07:02:37.771Z", "took": 2.5})
    row = reading.row("custom_records")
    assert (row["recorded_at"], row["ended_at"]) == (AT, AT + timedelta(seconds=2.5))


def test_an_end_that_cannot_be_goes_to_the_quarantine(reading: Reading) -> None:
    ends = ("soon", "2026-11-23T07:02:35Z", "2026-11-23T07:02:35.271Z")
    report = read(reading, {"at": "$.ts", "end": "$.until"}, *({"ts": "2026-11-23T07:02:35.271Z", "until": end} for end in ends))
    assert (report.sources[0].kept, report.sources[0].quarantined) == (1, 2)
    assert [row["reason"] for row in reading.rows("quarantine")] == ["no readable end or duration", "ends before it begins"]


@pytest.mark.parametrize(
    ("how", "record", "join_by"),
    [
        ({}, {"ip": "10.1.0.7", "image": "web:1"}, "pod_ip"),
        ({}, {"image": "web:1"}, "image"),
        ({}, {"node": "n1"}, None),
        ({"join": ["image", "pod_ip"]}, {"ip": "10.1.0.7", "image": "web:1"}, "image"),
        ({"join": ["image", "node"]}, {"ip": "10.1.0.7", "node": "n1"}, "node"),
        ({"name": "$.name"}, {"name": "web-1", "ip": "10.1.0.7"}, "name"),
    ],
)
def test_the_first_that_a_record_has_decides_how_its_pod_is_found(reading: Reading, how: Json, record: Json, join_by: str | None) -> None:
    mapping = {"at": "$.ts", "pod_ip": "$.ip", "image": "$.image", "node": "$.node", **how}
    read(reading, mapping, {"ts": "2026-11-23T07:02:35.271Z", **record})
    row = reading.row("custom_records")
    assert (row["join_by"], row["pod_ip"], row["image"], row["node"]) == (join_by, record.get("ip"), record.get("image"), record.get("node"))


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"join": ["image"]}, "nothing says where that stands"),
        ({"join": ["image"], "image": "$.image", "kind": "Node"}, "`join` finds pods"),
        ({"join": ["owner"]}, "join"),
        ({"join": []}, "join"),
    ],
)
def test_a_join_by_what_no_record_has_is_refused(how: Json, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Settings(records={"ipam": {"at": "$.ts", **how}})


@pytest.mark.parametrize("how", [{"end": "$.a", "duration": "$.b"}, {"at_is": "end"}, {"at_is": "end", "end": "$.a"}])
def test_a_mapping_tells_one_end(how: Json) -> None:
    with pytest.raises(ValueError, match=r"`end` and `duration`|needs a `duration`"):
        Settings(records={"ipam": {"at": "$.ts", **how}})
