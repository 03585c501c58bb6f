"""The ledger: what is read again, what is removed, and what an interruption leaves."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from pipelines.config import Ingest, Settings
from pipelines.ingest import Progress, ingest
from pipelines.ingest.ledger import Ledger
from pipelines.lake import Lake
from tests.ingest.logs import audit, lines

if TYPE_CHECKING:
    from tests.ingest.reading import Reading

_RAW = ("audit_events", "k8s_events", "objects")


def _paths(reading: Reading) -> list[str]:
    return [file.path for table in _RAW for file in reading.lake.files(table)]


def test_a_source_has_one_row_that_names_its_files(reading: Reading) -> None:
    path = reading.file(lines(audit(), "broken"))
    reading.ingest(path)
    row = reading.row("sources")
    assert (row["uri"], row["shape"], row["lines"], row["kept"], row["quarantined"]) == (path, "audit_lines", 2, 1, 1)
    assert (row["is_complete"], row["problem"], row["bytes"], row["raw_bytes"]) == (
        True,
        None,
        len(lines(audit(), "broken")),
        len(lines(audit(), "broken")),
    )
    assert (row["first_at"], row["last_at"]) == (datetime(2026, 11, 23, 7, 17, 10, 634512, UTC),) * 2
    assert row["raw_files"] == sorted(_paths(reading))
    assert all(f"{row['source_id']}-{row['digest']}" in path for path in row["raw_files"])


def test_a_source_that_did_not_change_is_not_read_again(reading: Reading) -> None:
    path = reading.file(lines(audit()))
    first = reading.ingest(path)
    before = [file.version for table in _RAW for file in reading.lake.files(table)]
    again = reading.ingest(path)
    assert [file.version for table in _RAW for file in reading.lake.files(table)] == before
    assert again.changed == []
    assert (again.sources[0].is_unchanged, again.sources[0].kept) == (True, first.sources[0].kept)


def test_a_file_that_grew_replaces_its_rows(reading: Reading) -> None:
    reading.ingest(reading.file(lines(audit(), audit(auditID="b", stageTimestamp="2026-11-23T09:00:00Z"), "broken")))
    old = _paths(reading)
    reading.ingest(reading.file(lines(audit(), audit(auditID="c"))))
    assert [row["audit_id"] for row in reading.rows("audit_events")] == [audit()["auditID"], "c"]
    assert not set(old) & set(_paths(reading))
    assert reading.rows("quarantine") == []
    assert len(reading.rows("sources")) == 1


def test_other_settings_read_the_file_again(reading: Reading) -> None:
    path = reading.file(lines(audit(stage="RequestReceived"), audit()))
    reading.ingest(path)
    report = reading.ingest(path, filters={"stages": []})
    assert [source.is_unchanged for source in report.sources] == [False]
    assert len(reading.rows("audit_events")) == 2


def test_the_number_of_threads_is_no_other_setting(reading: Reading) -> None:
    path = reading.file(lines(audit()))
    reading.ingest(path, ingest={"threads": 1})
    assert reading.ingest(path, ingest={"threads": 2}).changed == []


def test_the_same_file_gives_the_same_bytes(reading: Reading) -> None:
    path = reading.file(lines(*(audit(auditID=str(number)) for number in range(50))))
    lakes = [Lake.open(reading.folder / name) for name in ("one", "two")]
    for threads, lake in enumerate(lakes, 1):
        ingest(lake, "prod", [path], Settings(ingest=Ingest(threads=threads, chunk_bytes=2048)))
    contents = [
        {file.path: (reading.folder / name / file.path).read_bytes() for table in _RAW for file in lake.files(table)}
        for name, lake in zip(("one", "two"), lakes, strict=True)
    ]
    assert contents[0] == contents[1]
    assert contents[0]


def test_a_crash_before_the_ledger_is_written_shows_the_old_rows(reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    reading.ingest(reading.file(lines(audit())))
    path = reading.file(lines(audit(), audit(auditID="b")))
    with monkeypatch.context() as patch:

        def crash(*_: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(Ledger, "commit", crash)
        with pytest.raises(KeyboardInterrupt):
            reading.ingest(path)
    assert len(reading.rows("audit_events")) == 1
    reading.ingest(path)
    assert len(reading.rows("audit_events")) == 2
    assert sorted(_paths(reading)) == reading.row("sources")["raw_files"]


def test_an_interrupt_keeps_what_was_committed_and_leaves_no_torn_file(reading: Reading) -> None:
    for number in range(5):
        reading.file(lines(*(audit(auditID=f"{number}-{line}") for line in range(200))), f"logs/{number}.log")

    def interrupt(progress: Progress) -> None:
        if progress.sources_done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ingest(reading.lake, "prod", [str(reading.folder / "logs")], Settings(ingest=Ingest(chunk_bytes=16 * 1024)), interrupt)
    committed = {path for row in reading.rows("sources") for path in row["raw_files"]}
    assert 1 <= len(reading.rows("sources")) <= 3
    assert committed == set(_paths(reading))
    assert len(reading.rows("audit_events")) == 200 * len(reading.rows("sources"))
    assert [path.name for path in (reading.folder / "lake").rglob("*") if path.is_file() and path.suffix != ".parquet"] == []
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("ingest")]


def test_progress_counts_stored_bytes_up_to_the_total(reading: Reading) -> None:
    for number in range(3):
        reading.file(lines(*(audit(auditID=f"{number}-{line}") for line in range(100))), f"logs/{number}.log.gz")
    told: list[Progress] = []
    ingest(reading.lake, "prod", [str(reading.folder / "logs")], Settings(), told.append)
    assert [progress.bytes_done for progress in told] == sorted(progress.bytes_done for progress in told)
    assert told[-1].bytes_done == told[-1].bytes_total
    assert told[-1].sources_total == 3


def test_clusters_do_not_mix(reading: Reading) -> None:
    path = reading.file(lines(audit()))
    for cluster in ("a", "b"):
        ingest(reading.lake, cluster, [path], Settings())
    assert [row["cluster"] for row in reading.lake.read("audit_events").to_pylist()] == ["a", "b"]


def test_many_hours_at_once_need_few_open_files(reading: Reading) -> None:
    reading.read(
        *(audit(auditID=str(hour), stageTimestamp=f"2026-11-{1 + hour // 24:02}T{hour % 24:02}:30:00Z") for hour in (*range(100), *range(100))),
        ingest={"chunk_bytes": 20_000, "row_group_bytes": 1024, "buffer_bytes": 2048},
    )
    assert [row["audit_id"] for row in reading.rows("audit_events")] == [str(hour) for hour in range(100)]
    assert reading.row("sources")["duplicates"] == 100


def test_lines_that_are_left_out_tell_how_far_the_log_goes(reading: Reading) -> None:
    lease = {"resource": "leases", "apiGroup": "coordination.k8s.io", "namespace": "kube-node-lease", "name": "n1", "subresource": None}
    reading.read(
        audit(),
        audit(auditID="b", objectRef=lease, stageTimestamp="2026-11-23T07:59:00Z"),
        audit(auditID="c", objectRef=lease, stageTimestamp="2026-11-23T07:16:00Z"),
    )
    row = reading.row("sources")
    assert (row["kept"], row["filtered"]) == (1, 2)
    assert (row["first_at"], row["last_at"]) == (datetime(2026, 11, 23, 7, 17, 10, 634512, UTC), datetime(2026, 11, 23, 7, 59, tzinfo=UTC))
