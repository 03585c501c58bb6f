"""Filebeat, Fluent Bit, Vector, Docker and Loki put an envelope around each line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.ingest.logs import compact, event, lines
from tests.ingest.wrapping import AUDITED, SECRET, SECRET_LINE, bare_rows, rows_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ingest.logs import Json
    from tests.ingest.reading import Reading


def _filebeat(line: str | Json) -> Json:
    return {
        "@timestamp": "2026-11-23T07:17:11.000Z",
        "@metadata": {"beat": "filebeat", "type": "_doc", "version": "9.2.0"},
        "log": {"offset": 0, "file": {"path": "/var/log/kubernetes/audit.log"}},
        "message": line,
        "host": {"name": "cp-1"},
    }


def _fluent_bit(line: str) -> Json:
    return {"date": 1795417355.5, "stream": "stdout", "_p": "F", "log": line + "\n", "kubernetes": {"labels": {"message": "no"}}}


def _vector(line: str) -> Json:
    return {"file": "/var/log/audit.log", "host": "cp-1", "message": line, "source_type": "file", "timestamp": "2026-11-23T07:17:11Z"}


def _docker(line: str) -> Json:
    return {"log": line + "\n", "stream": "stdout", "time": "2026-11-23T07:17:11.000000001Z"}


def _logcli(line: str) -> Json:
    return {"labels": {"job": "audit"}, "line": line, "timestamp": "2026-11-23T07:17:11Z"}


def _stream(*found: str, more: Any = ()) -> Json:  # noqa: ANN401 - JSON
    return {"stream": {"job": "audit"}, "values": [[str(1795417355000000000 + number), line, *more] for number, line in enumerate(found)]}


_TEXTS = tuple(compact(line) for line in AUDITED)


@pytest.mark.parametrize("wrap", [_filebeat, _fluent_bit, _vector, _docker, _logcli], ids=lambda wrap: str(wrap.__name__).lstrip("_"))
def test_the_rows_are_those_of_the_bare_lines(reading: Reading, tmp_path: Path, wrap: Any) -> None:  # noqa: ANN401 - one of the above
    source = reading.ingest(reading.file(lines(*map(wrap, _TEXTS)))).sources[0]
    assert (source.shape, source.lines, source.kept, source.quarantined) == ("shipper_lines/audit_lines", 3, 3, 0)
    assert rows_of(reading) == bare_rows(tmp_path, *AUDITED)


def test_a_line_that_the_shipper_parsed_is_read_too(reading: Reading, tmp_path: Path) -> None:
    reading.ingest(reading.file(lines(*map(_filebeat, AUDITED))))
    assert rows_of(reading) == bare_rows(tmp_path, *AUDITED)


@pytest.mark.parametrize(
    "data",
    [
        lines(_stream(*_TEXTS)),
        lines(*map(_stream, _TEXTS)),
        lines(_stream(*_TEXTS, more=[{"trace": "1"}])),
        lines({"streams": [_stream(*_TEXTS[:1]), _stream(), _stream(*_TEXTS[1:])]}),
        json.dumps({"status": "success", "data": {"resultType": "streams", "result": [_stream(*_TEXTS)]}}, indent=2).encode(),
    ],
    ids=["stream", "streams", "structured metadata", "pushed", "answer"],
)
def test_streams_of_loki_are_read_line_by_line(reading: Reading, tmp_path: Path, data: bytes) -> None:
    source = reading.ingest(reading.file(data)).sources[0]
    assert (source.shape, source.lines, source.kept, source.quarantined) == ("loki_streams/audit_lines", 3, 3, 0)
    assert rows_of(reading) == bare_rows(tmp_path, *AUDITED)


def test_events_that_were_shipped_are_events(reading: Reading) -> None:
    frame = {"type": "ADDED", "object": event(), "observed_at": "2026-11-23T08:00:00Z"}
    report = reading.ingest(
        reading.file(lines(_vector(compact(event()))), "logs/vector.log"), reading.file(lines(_stream(compact(frame))), "logs/loki.json")
    )
    assert [source.shape for source in report.sources] == ["shipper_lines/object_lines", "loki_streams/watch_frames"]
    assert sorted(row["origin"] for row in reading.rows("k8s_events")) == ["list", "watch"]


def test_events_of_gke_are_events(reading: Reading) -> None:
    entry = {"insertId": "1", "jsonPayload": event(), "logName": "projects/p/logs/events", "resource": {"type": "k8s_pod"}, "severity": "INFO"}
    assert reading.read(entry).sources[0].shape == "shipper_lines/object_lines"
    assert reading.row("k8s_events")["reason"] == "Pulled"


def test_every_line_is_accounted_for(reading: Reading) -> None:
    more: list[Json | str] = [
        _filebeat("I1123 hello"),
        _filebeat(""),
        _filebeat(_TEXTS[0]),
        {"some": "object"},
        _filebeat("{}"),
        '{"message": "cut',
        _filebeat(_TEXTS[1]),
    ]
    source = reading.ingest(reading.file(lines(*[_filebeat(_TEXTS[0])] * 8, *more))).sources[0]
    assert (source.lines, source.kept, source.filtered, source.duplicates, source.quarantined) == (15, 2, 1, 8, 4)
    assert [(row["line"], row["reason"]) for row in reading.rows("quarantine")] == [
        (9, "not JSON"),
        (12, "an envelope without a line"),
        (13, "not an audit event"),
        (14, "not JSON"),
    ]
    assert [row["source_line"] for row in reading.rows("audit_events")] == [1, 15]


def test_every_entry_of_loki_is_accounted_for(reading: Reading) -> None:
    values = _stream(_TEXTS[0], "I1123 hello", _TEXTS[0], "")
    values["values"].append(["1795417355000000009"])
    source = reading.ingest(reading.file(lines(values, _stream(), {"some": "object"}, _stream(_TEXTS[1])))).sources[0]
    assert (source.lines, source.kept, source.filtered, source.duplicates, source.quarantined) == (7, 2, 1, 1, 3)
    assert [(row["line"], row["reason"]) for row in reading.rows("quarantine")] == [
        (2, "not JSON"),
        (5, "an entry without a line"),
        (6, "not a stream of Loki"),
    ]


@pytest.mark.parametrize("wrap", [_filebeat, _stream])
def test_secrets_are_hidden_in_what_cannot_be_read(reading: Reading, wrap: Any) -> None:  # noqa: ANN401 - one of the above
    secret = compact(wrap(compact(SECRET_LINE)))
    cut = secret[: secret.index(SECRET) + len(SECRET)]
    no_time = compact(SECRET_LINE | {"stageTimestamp": None})
    other_key = secret.replace('"message":', '"text":').replace('"values":', '"entries":')
    reading.ingest(reading.file(lines(*[wrap(_TEXTS[0])] * 5, cut, wrap(no_time), other_key)))
    assert len(reading.rows("quarantine")) == 3
    assert SECRET.encode() not in reading.stored()


def test_logs_of_other_programs_are_left_aside(reading: Reading) -> None:
    reading.file(lines(_filebeat("hello"), _filebeat("world")), "logs/filebeat.json")
    reading.file(lines(_docker(compact({"level": "info", "msg": "hello"}))), "logs/docker.log")
    reading.file(lines(_stream("hello", compact({"level": "info"}))), "logs/loki.json")
    reading.file(lines({"status": "success", "data": {"resultType": "matrix", "result": []}}), "logs/prometheus.json")
    reading.file(lines({"level": "info", "message": "created pod", "log": {"kind": "Pod"}}), "logs/app.json")
    reading.file(lines(AUDITED[0]), "logs/audit.log")
    assert len(reading.ingest().left_aside) == 5


def _cri(*found: str, part: int = 16_384) -> bytes:
    parts = [(line[start : start + part], "P" if start + part < len(line) else "F") for line in found for start in range(0, max(len(line), 1), part)]
    return b"".join(f"2026-11-23T07:17:11.{number:03}Z stdout {tag} {text}\n".encode() for number, (text, tag) in enumerate(parts, 1))


@pytest.mark.parametrize("part", [100, 700, 16_384])
@pytest.mark.parametrize("chunk_bytes", [1024, 1_000_000])
def test_logs_of_containers_are_put_together(reading: Reading, tmp_path: Path, part: int, chunk_bytes: int) -> None:
    source = reading.ingest(reading.file(_cri(*_TEXTS, part=part)), ingest={"chunk_bytes": chunk_bytes}).sources[0]
    assert (source.shape, source.lines, source.kept, source.quarantined) == ("cri_lines/audit_lines", 3, 3, 0)
    assert rows_of(reading) == bare_rows(tmp_path, *AUDITED)


def test_what_else_a_container_says_is_quarantined(reading: Reading) -> None:
    secret = compact(SECRET_LINE)
    cut = secret[: secret.index(SECRET) + len(SECRET)]
    text = b"2026-11-23T07:17:11.5Z stderr F I1123 07:17:11 hello\n"
    source = reading.ingest(reading.file(_cri(_TEXTS[0]) + text * 3 + _cri("", cut, _TEXTS[1], part=50) + b"\nno tag\n")).sources[0]
    assert (source.lines, source.kept, source.filtered, source.quarantined) == (9, 2, 2, 5)
    assert {row["reason"] for row in reading.rows("quarantine")} == {"not JSON"}
    assert reading.rows("quarantine")[0]["raw"] == "I1123 07:17:11 hello"
    assert SECRET.encode() not in reading.stored()
