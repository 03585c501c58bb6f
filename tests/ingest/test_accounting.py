"""Every line is accounted for, whatever a file holds and however it is read."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import AccountingError
from pipelines.ingest import source_run
from tests.ingest.logs import audit, compact, pod
from tests.ingest.reading import Reading

_KINDS: dict[str, bytes] = {
    "kept": compact(audit(auditID="a")).encode(),
    "also kept": compact(audit(auditID="b", responseObject=pod(metadata={"resourceVersion": "101"}), stageTimestamp="2026-11-23T08:00:00Z")).encode(),
    "read": compact(audit(auditID="c", verb="get", requestObject=None)).encode(),
    "filtered": compact(audit(stage="RequestReceived")).encode(),
    "blank": b"  ",
    "empty": b"",
    "other format": b"I1123 07:17:10.634512 1 server.go:42] hello",
    "other JSON": b'{"level":"info","msg":"hello"}',
    "array": b"[1,2]",
    "no time": compact(audit(stageTimestamp=None)).encode(),
    "bad time": compact(audit(stageTimestamp="infinity")).encode(),
    "year 1": compact(audit(stageTimestamp="0001-01-01T00:00:00Z")).encode(),
    "bad code": compact(audit(responseStatus={"code": "abc"})).encode(),
    "no id": compact(audit(auditID=None)).encode(),
    "no text": b'{"a":"\xff"}',
    "too long": b"z" * 20_000,
    "cut": compact(audit(auditID="d")).encode()[:-7],
    "deep": b"[" * 5_000,
    "nul": b"\0\0\0",
}
_KEPT = {"kept", "also kept", "read"}
_FILTERED = {"filtered", "blank", "empty"}


def _read(names: list[str], **limits: Any) -> tuple[tuple[int, ...], list[Any]]:  # noqa: ANN401 - settings by name
    """The counts, and all rows but for what names the file."""
    with tempfile.TemporaryDirectory() as folder:
        reading = Reading(Path(folder))
        # A first good line tells what the file is.
        path = reading.file(b"\n".join([compact(audit(auditID="first")).encode(), *(_KINDS[name] for name in names)]) + b"\n")
        source = reading.ingest(path, ingest={"max_line_bytes": 16_384, **limits}).sources[0]
        rows = [
            sorted(str({key: value for key, value in row.items() if key not in {"source_id", "uri", "server"}}) for row in reading.rows(table))
            for table in ("audit_events", "k8s_events", "objects", "quarantine")
        ]
    return (source.lines, source.kept, source.filtered, source.duplicates, source.quarantined), rows


def _expected(names: list[str]) -> tuple[int, ...]:
    kept = len(_KEPT & set(names)) + 1
    duplicates = sum(name in _KEPT for name in names) + 1 - kept
    filtered = sum(name in _FILTERED for name in names)
    return len(names) + 1, kept, filtered, duplicates, len(names) + 1 - kept - duplicates - filtered


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(sorted(_KINDS)), max_size=25), st.integers(1024, 60_000), st.integers(1, 3), st.integers(1024, 200_000))
def test_any_mix_adds_up_and_any_chunking_gives_the_same_rows(names: list[str], chunk_bytes: int, threads: int, row_group_bytes: int) -> None:
    # The shape is told by most of the first lines; what follows may be anything.
    names = ["kept"] * 30 + names
    counts, rows = _read(names)
    assert counts == _expected(names)
    assert _read(names, chunk_bytes=chunk_bytes, threads=threads, row_group_bytes=row_group_bytes, buffer_bytes=row_group_bytes) == (counts, rows)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("other format", "not JSON"),
        ("other JSON", "not an audit event"),
        ("no time", "no stageTimestamp"),
        ("bad time", "bad stageTimestamp"),
        ("year 1", "bad stageTimestamp"),
        ("bad code", "bad responseStatus.code"),
        ("no text", "not UTF-8"),
        ("too long", "longer than 16384 bytes; cut"),
        ("nul", "not JSON"),
    ],
)
def test_the_quarantine_says_why_and_where(reading: Reading, name: str, reason: str) -> None:
    reading.ingest(reading.file(b"\n".join([_KINDS["kept"], _KINDS[name], _KINDS["also kept"]])), ingest={"max_line_bytes": 16_384})
    row = reading.row("quarantine")
    assert (row["line"], row["reason"]) == (2, reason)
    assert row["uri"].endswith("logs/audit.log")


def test_lines_that_do_not_add_up_are_an_error(reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    # A typed chunk that says one line more than it accounts for, as a fault in a query would.
    def add(run: source_run.SourceRun, typed: Any) -> None:  # noqa: ANN401 - a TypedChunk
        original(run, type(typed)(typed.lines + 1, typed.filtered, typed.kept_lines, typed.kept_keys, typed.tables, typed.quarantine))

    original = source_run.SourceRun.add
    monkeypatch.setattr(source_run.SourceRun, "add", add)
    with pytest.raises(AccountingError, match="add up to 1"):
        reading.read(audit())
    assert reading.lake.files("audit_events") == []


def test_a_column_of_each_hour(reading: Reading) -> None:
    reading.read(audit(), audit(auditID="b", stageTimestamp="2026-11-23T08:59:59.999999Z"), audit(auditID="c", stageTimestamp="2026-11-23T09:00:00Z"))
    assert [file.path.rsplit("/", 1)[0] for file in reading.lake.files("audit_events")] == [
        f"audit_events/cluster=prod/date=2026-11-23/hour={hour}" for hour in ("07", "08", "09")
    ]
