"""Files that change while they are read, files that did not change, and logs in a bucket."""

from __future__ import annotations

import gzip
import os
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import fsspec
import pytest

from pipelines.config import Ingest, Settings
from pipelines.ingest import IngestReport, NothingInSpanError, Progress, ahead, ingest
from pipelines.lake import Lake
from pipelines.sources import Selection, Span, opening
from tests.ingest.logs import audit, lines
from tests.sources.test_object_store import Requests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.ingest.reading import Reading

SMALL = Settings(ingest=Ingest(chunk_bytes=1024 * 1024))


def log(name: str, count: int = 20) -> bytes:
    return lines(*(audit(auditID=f"{name}-{number}") for number in range(count)))


def long_log(name: str) -> bytes:
    """More than is read to tell what a file holds, and many chunks of it."""
    return lines(*(audit(auditID=f"{name}-{number}", annotations={"padding": "x" * 40_000}) for number in range(60)))


def names(reading: Reading) -> set[str]:
    """Which logs the rows are from."""
    return {row["audit_id"].rpartition("-")[0] for row in reading.rows("audit_events")}


def disturbed(reading: Reading, change: Callable[[], None], *paths: str) -> IngestReport:
    """Read while something changes after the first chunk."""
    changes = [change]

    def tell(_: Progress) -> None:
        if changes:
            changes.pop()()

    return ingest(reading.lake, "prod", paths or [str(reading.folder / "logs")], SMALL, tell)


def test_what_is_appended_while_a_log_is_read_comes_with_the_next_reading(reading: Reading) -> None:
    path = Path(reading.file(long_log("a")))
    report = disturbed(reading, lambda: path.write_bytes(long_log("a") + log("b")))
    assert [source.lines for source in report.sources] == [60]
    assert reading.ingest().sources[0].lines == 80
    assert names(reading) == {"a", "b"}


def test_a_log_that_is_cut_and_written_anew_while_it_is_read_is_read_again(reading: Reading) -> None:
    path = Path(reading.file(long_log("a")))

    def copytruncate() -> None:
        with path.open("r+b") as file:
            file.truncate()
            file.write(long_log("b"))

    report = disturbed(reading, copytruncate)
    assert ([source.lines for source in report.sources], report.unreadable) == ([60], [])
    assert names(reading) == {"b"}


def test_a_log_that_never_stands_still_is_reported_and_its_former_rows_stay(reading: Reading) -> None:
    path = Path(reading.file(log("a")))
    reading.file(log("z"), "logs/zz.log")
    reading.ingest(str(path))
    path.write_bytes(long_log("b"))

    def tell(progress: Progress) -> None:
        if progress.uri == str(path):
            path.write_bytes(long_log(f"c{progress.lines}"))

    report = ingest(reading.lake, "prod", [str(reading.folder / "logs")], SMALL, tell)
    [problem] = report.unreadable
    assert (problem.uri, "while it is read" in problem.problem, bool(problem.remedy)) == (str(path), True, True)
    assert names(reading) == {"a", "z"}


@pytest.fixture
def waiting(reading: Reading, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`audit.log` after more logs than are opened ahead."""
    monkeypatch.setattr(ahead, "_FILES_AHEAD", 1)
    for number in range(3):
        reading.file(log(f"old{number}"), f"logs/a{number:02}.log")
    return Path(reading.file(log("now"), "logs/audit.log"))


def test_a_log_that_is_rotated_before_its_turn_is_found_under_its_new_name(reading: Reading, waiting: Path) -> None:

    def rotate() -> None:
        waiting.rename(waiting.with_name("audit-2026-11-23T08-00-00.000.log"))
        waiting.write_bytes(log("next"))

    report = disturbed(reading, rotate)
    assert {"now", "next"} < names(reading)
    assert ([Path(source.uri).name for source in report.sources][-2:], report.unreadable) == (["audit-2026-11-23T08-00-00.000.log", "audit.log"], [])


def test_a_log_that_is_compressed_before_its_turn_is_found_under_its_new_name(reading: Reading, waiting: Path) -> None:

    def compress() -> None:
        waiting.with_name("audit.log.gz").write_bytes(gzip.compress(waiting.read_bytes()))
        waiting.unlink()

    assert disturbed(reading, compress).unreadable == []
    assert "now" in names(reading)


def test_a_log_that_is_removed_before_its_turn_is_reported(reading: Reading, waiting: Path) -> None:
    [problem] = disturbed(reading, waiting.unlink).unreadable
    assert (problem.uri, problem.problem) == (str(waiting), "It was gone before it could be read")
    assert len(reading.rows("sources")) == 3


_watched: list[set[str]] = []
sys.addaudithook(lambda event, args: _watched[0].add(str(args[0])) if event == "open" and _watched else None)


@contextmanager
def opened_files() -> Iterator[set[str]]:
    """Every file that this process opens meanwhile."""
    _watched.append(set())
    try:
        yield _watched[0]
    finally:
        _watched.clear()


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if all files had been left alone for long."""
    monkeypatch.setattr(opening, "_SETTLED_NS", 0)


def rewritten(path: str, data: bytes) -> None:
    """Write a file of the same size in its place, with the times that it had."""
    before = os.stat(path)  # noqa: PTH116
    Path(path).write_bytes(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert before.st_size == len(data)


@pytest.mark.usefixtures("settled")
def test_a_file_that_was_left_alone_is_not_even_opened(reading: Reading) -> None:
    path = reading.file(log("a"))
    reading.ingest()
    with opened_files() as seen:
        assert reading.ingest().changed == []
    assert path not in seen


@pytest.mark.usefixtures("settled")
def test_a_change_that_keeps_size_and_time_is_noticed(reading: Reading) -> None:
    path = reading.file(log("a"))
    reading.ingest()
    rewritten(path, log("b"))
    reading.ingest()
    assert names(reading) == {"b"}


def test_a_file_that_was_just_written_is_never_taken_for_settled(reading: Reading) -> None:
    path = reading.file(log("a"))
    reading.ingest()
    with opened_files() as seen:
        assert reading.ingest().changed == []
    assert path in seen


@pytest.mark.usefixtures("settled")
def test_the_cache_of_files_may_be_damaged_or_deleted(reading: Reading) -> None:
    reading.file(log("a"))
    reading.ingest()
    [cache] = (Path(os.environ["XDG_CACHE_HOME"]) / "lorgnette").glob("files-*.sqlite")
    cache.write_bytes(b"no database" * 1000)
    assert reading.ingest().changed == []
    cache.unlink()
    assert reading.ingest().changed == []


@pytest.mark.usefixtures("settled")
def test_a_file_that_is_known_but_not_in_this_lake_is_read(reading: Reading) -> None:
    path = reading.file(log("a"))
    for cluster in ("one", "two"):
        assert len(ingest(reading.lake, cluster, [path], Settings()).changed) == 1


def span(first: str, end: str) -> Selection:
    return Selection(span=Span(*(datetime.fromisoformat(f"2026-11-23T{each}").replace(tzinfo=UTC) for each in (first, end))))


def test_what_lies_outside_the_span_is_not_opened_and_what_is_opened_is_kept_whole(reading: Reading) -> None:
    for time in ("06", "07", "08"):
        reading.file(log(time), f"logs/audit-2026-11-23T{time}-00-00.000.log")
    with opened_files() as seen:
        report = ingest(reading.lake, "prod", [str(reading.folder / "logs")], Settings(), selection=span("06:20", "06:40"))
    assert {Path(path).name for path in seen if path.startswith(str(reading.folder / "logs"))} == {"audit-2026-11-23T07-00-00.000.log"}
    assert report.skipped == {"the rotation times in their names": 2}
    # Its rows are of 07:17, outside the span: a source is in the lake as a whole or not at all.
    assert names(reading) == {"07"}


def test_a_span_that_no_file_reaches_is_an_error_that_says_so(reading: Reading) -> None:
    reading.file(log("07"), "logs/audit-2026-11-23T07-00-00.000.log")
    with pytest.raises(NothingInSpanError, match="1 file not opened") as caught:
        ingest(reading.lake, "prod", [str(reading.folder / "logs")], Settings(), selection=span("08:00", "09:00"))
    assert caught.value.report.skipped.total() == 1


def test_a_lake_among_the_logs_is_no_source(reading: Reading) -> None:
    reading.file(log("a"))
    for _ in range(2):
        report = reading.ingest(str(reading.folder))
        assert ([Path(source.uri).name for source in report.sources], report.left_aside, report.unreadable) == (["audit.log"], [], [])


def test_a_bucket_gives_the_rows_of_a_folder_and_is_read_once(reading: Reading, bucket: str, caplog: pytest.LogCaptureFixture) -> None:
    asked = Requests(caplog)
    store = fsspec.filesystem("s3")
    for number in range(4):
        store.pipe(f"{bucket}/logs/{number:02}.log.gz", gzip.compress(log(str(number)), mtime=0))
    store.pipe(f"{bucket}/logs/readme.txt", b"no log")
    report = ingest(reading.lake, "prod", [f"{bucket}/logs"], SMALL)
    assert [source.kept for source in report.sources] == [20] * 4
    assert report.left_aside == [f"{bucket}/logs/readme.txt"]
    assert len(reading.rows("audit_events")) == 80
    assert sorted(asked.fetched()) == sorted([f"logs/{number:02}.log.gz" for number in range(4)] + ["logs/readme.txt"])
    store.pipe(f"{bucket}/logs/03.log.gz", gzip.compress(log("new"), mtime=0))
    again = ingest(reading.lake, "prod", [f"{bucket}/logs"], SMALL)
    assert [source.uri for source in again.changed] == [f"{bucket}/logs/03.log.gz"]
    assert set(asked.fetched()) == {"logs/03.log.gz", "logs/readme.txt"}


def test_a_lake_in_the_bucket_of_its_logs_is_no_source(bucket: str) -> None:
    store, lake = fsspec.filesystem("s3"), Lake.open(f"{bucket}/lake")
    for number in range(6):
        store.pipe(f"{bucket}/{number}.log", log(str(number)))
    for changed in (6, 0):
        report = ingest(lake, "prod", [bucket], SMALL)
        assert ([source.uri for source in report.sources], len(report.changed)) == ([f"{bucket}/{number}.log" for number in range(6)], changed)
        assert (report.left_aside, report.unreadable) == ([], [])
    assert lake.read("audit_events", "prod").num_rows == 120
    assert [path for path in store.find(bucket) if "/_running/" in path] == []


def test_an_object_that_is_put_again_while_it_is_read_is_read_again(reading: Reading, bucket: str) -> None:
    store = fsspec.filesystem("s3")
    store.pipe(f"{bucket}/a.log", long_log("a"))
    report = disturbed(reading, lambda: store.pipe(f"{bucket}/a.log", long_log("b")), bucket)
    assert ([source.lines for source in report.sources], report.unreadable) == ([60], [])
    assert names(reading) == {"b"}


def test_a_store_without_etags_is_read_too(reading: Reading) -> None:
    store = fsspec.filesystem("memory")
    store.pipe("/place/a.log", log("a"))
    assert len(ingest(reading.lake, "prod", ["memory://place"], Settings()).changed) == 1
    assert len(ingest(reading.lake, "prod", ["memory://place"], Settings()).changed) == 0
    store.pipe("/place/a.log", log("b"))
    assert len(ingest(reading.lake, "prod", ["memory://place"], Settings()).changed) == 1
    assert names(reading) == {"b"}
    store.rm("/place", recursive=True)
