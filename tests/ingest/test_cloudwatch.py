"""EKS writes its audit log to CloudWatch Logs: exports, subscriptions and answers of `filter-log-events`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.ingest.logs import audit, compact, event, lines
from tests.ingest.wrapping import AUDITED, SECRET, SECRET_LINE, bare_rows, rows_of, samples

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ingest.logs import Json
    from tests.ingest.reading import Reading

_STREAM = "kube-apiserver-audit-0123456789abcdef0123456789abcdef"
_OTHER_STREAM = "kube-apiserver-0123456789abcdef0123456789abcdef"


def _exported(*messages: str) -> bytes:
    return b"".join(f"2026-11-23T07:17:11.000Z {message}\n".encode() for message in messages)


def _sent(*messages: str, stream: str = _STREAM, kind: str = "DATA_MESSAGE") -> Json:
    events = [{"id": str(number), "timestamp": 1795417355000 + number, "message": message} for number, message in enumerate(messages)]
    return {
        "messageType": kind,
        "owner": "123456789012",
        "logGroup": "/aws/eks/prod/cluster",
        "logStream": stream,
        "subscriptionFilters": ["all"],
        "logEvents": events,
    }


def _answer(*messages: str) -> Json:
    events = [{"logStreamName": _STREAM, "timestamp": 1795417355000, "message": message, "ingestionTime": 1, "eventId": "1"} for message in messages]
    return {"events": events, "searchedLogStreams": []}


_CONTROL = _sent("CWL CONTROL MESSAGE: Checking health of destination Firehose.", kind="CONTROL_MESSAGE")
_MESSAGES = tuple(compact(line) for line in AUDITED)


@pytest.mark.parametrize(
    ("data", "shape"),
    [
        (_exported(*_MESSAGES), "cloudwatch_lines/audit_lines"),
        (lines(_sent(*_MESSAGES)), "cloudwatch_batches/audit_lines"),
        (lines(*(_sent(message) for message in _MESSAGES)), "cloudwatch_batches/audit_lines"),
        (b"".join(compact(_sent(message)).encode() for message in _MESSAGES), "cloudwatch_batches/audit_lines"),
        (compact(_answer(*_MESSAGES)).encode(), "cloudwatch_batches/audit_lines"),
        (json.dumps(_answer(*_MESSAGES), indent=4).encode() + b"\n", "cloudwatch_batches/audit_lines"),
    ],
    ids=["export", "one batch", "batches", "without line ends", "answer", "pretty answer"],
)
def test_the_rows_are_those_of_the_bare_lines(reading: Reading, tmp_path: Path, data: bytes, shape: str) -> None:
    source = reading.ingest(reading.file(data, "logs/cw.gz")).sources[0]
    assert (source.shape, source.lines, source.kept, source.quarantined) == (shape, 3, 3, 0)
    assert rows_of(reading) == bare_rows(tmp_path, *AUDITED)


def test_events_in_a_log_group_are_events(reading: Reading) -> None:
    source = reading.ingest(reading.file(_exported(compact(event())))).sources[0]
    assert source.shape == "cloudwatch_lines/object_lines"
    assert reading.row("k8s_events")["reason"] == "Pulled"


@pytest.mark.parametrize("chunk_bytes", [1024, 1_000_000])
def test_objects_without_line_ends_are_parted_wherever_the_stream_is_cut(reading: Reading, chunk_bytes: int) -> None:
    # The text of a message may look like the border, but for its quotes.
    hostile = compact(audit(auditID="x", userAgent='}{"messageType":"DATA_MESSAGE"'))
    data = compact(_CONTROL).encode() + b"".join(compact(_sent(compact(audit(auditID=str(number))), hostile)).encode() for number in range(50))
    source = reading.ingest(reading.file(data, "logs/cw.gz"), ingest={"chunk_bytes": chunk_bytes}).sources[0]
    assert (source.lines, source.kept, source.filtered, source.duplicates, source.quarantined) == (101, 51, 1, 49, 0)
    assert [row["source_line"] for row in reading.rows("audit_events")] == [2, 3, *range(4, 102, 2)]


def test_every_log_event_is_accounted_for(reading: Reading) -> None:
    source = reading.ingest(
        reading.file(
            lines(
                # The shape is told by most of the first lines.
                *[_sent(_MESSAGES[0])] * 5,
                _CONTROL,
                _sent(_MESSAGES[0], _MESSAGES[0], "", _MESSAGES[1][:500] + "[Truncated...]", "I1123 07:17:10.634512 1 server.go:42] hello"),
                _sent("I1123 07:17:10.634512 1 server.go:42] hello", stream=_OTHER_STREAM),
                _sent("{}", compact({"level": "info"})),
                _sent() | {"logEvents": [{"id": "1"}]},
                {"some": "object"},
                "",
                "a broken line",
            )
        )
    ).sources[0]
    assert (source.lines, source.kept, source.filtered, source.duplicates, source.quarantined) == (18, 1, 4, 6, 7)
    assert [(row["line"], row["reason"]) for row in reading.rows("quarantine")] == [
        (10, "truncated by the log service"),
        (11, "not JSON"),
        (13, "not an audit event"),
        (14, "not an audit event"),
        (15, "a log event without a message"),
        (16, "not a batch of log events"),
        (18, "not JSON"),
    ]


def test_a_message_that_the_service_cut_keeps_its_audit_id(reading: Reading) -> None:
    reading.ingest(reading.file(_exported(_MESSAGES[0], _MESSAGES[1][:700] + "[Truncated...]", "I1123 text")))
    cut, text = reading.rows("quarantine")
    assert (cut["line"], cut["reason"]) == (2, "truncated by the log service")
    assert (cut["audit_id"], text["audit_id"]) == ("b", None)
    assert (text["line"], text["reason"], text["raw"]) == (3, "not JSON", "I1123 text")


@pytest.mark.parametrize("cut", [0, 20, 150])
def test_secrets_are_hidden_in_what_cannot_be_read(reading: Reading, cut: int) -> None:
    secret = compact(SECRET_LINE)
    cut_message = secret[: secret.index(SECRET) + len(SECRET)] + "[Truncated...]"
    envelope = compact(_sent(secret))
    reading.ingest(
        reading.file(lines(_sent(_MESSAGES[0], cut_message), envelope[: envelope.index(SECRET) + len(SECRET) + cut]), "logs/sent.log"),
        reading.file(_exported(_MESSAGES[0], cut_message), "logs/exported.log"),
    )
    assert len(reading.rows("quarantine")) == 3
    assert SECRET.encode() not in reading.stored()


def test_other_text_in_cloudwatch_is_left_aside(reading: Reading) -> None:
    reading.file(lines(_sent("2 123456789012 eni-1 10.0.0.1 ACCEPT OK", stream="eni-1")), "logs/flow.json")
    reading.file(lines(_CONTROL), "logs/control.json")
    reading.file(_exported("I1123 07:17:10 hello"), "logs/text.log")
    reading.file(_exported(compact({"level": "info"})), "logs/app.log")
    reading.file(lines(AUDITED[0]), "logs/audit.log")
    assert len(reading.ingest().left_aside) == 4


def test_real_eks_events_are_read_the_same_in_any_wrapper(reading: Reading, tmp_path: Path) -> None:
    events = [each for each in samples("panther-labs_panther-analysis", "eks_or_native.jsonl") if each.get("apiVersion")]
    source = reading.ingest(reading.file(compact(_sent(*map(compact, events))).encode(), "logs/sent.json")).sources[0]
    # Their authors cut most of them down to what their rules look at.
    assert (source.lines, source.kept, source.duplicates, source.quarantined) == (65, 9, 5, 51)
    assert rows_of(reading) == bare_rows(tmp_path, *events)
