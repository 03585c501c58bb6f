"""The door and its worker processes: killed at the limit, used again when fit, gone with their parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipelines.errors import LorgnetteError
from pipelines.lake import Lake
from pipelines.serving.door import Door
from pipelines.serving.errors import BusyError, LimitError, QueryError, RefusedError
from pipelines.serving.limits import Limits
from pipelines.serving.scope import EVERYTHING
from pipelines.serving.wire import Question, Request
from tests.command import environment
from tests.raw_rows import at, put_source

if TYPE_CHECKING:
    from collections.abc import Callable

_FOREVER = "select count(*) from range(100000000000) r where r.range % 7 = 3"
_ROWS = "select count(*) as n from audit_events"


def _workers(parent: int | None = None) -> set[int]:
    """The processes that run queries for one process."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            is_ended = (folder / "stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z"
        except (FileNotFoundError, ProcessLookupError):
            continue
        if b"pipelines.serving.worker" in words and str(parent or os.getpid()).encode() in words and not is_ended:
            found.add(int(folder.name))
    return found


def _until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert condition()


def test_a_process_is_used_again_as_long_as_it_is_fit(filled: Lake) -> None:
    before = _workers()
    with Door(filled.url, Limits(memory_limit="1GB"), workers=1) as door:
        # A process that has just begun has no command line yet.
        _until(lambda: len(_workers() - before) == 1)
        (first,) = _workers() - before
        for sql in (_ROWS, "select no_such_column from audit_events"):
            try:
                door.query(sql)
            except QueryError:
                continue
        assert _workers() - before == {first}
        # A process that has grown gives way to a small one.
        with pytest.raises(LimitError, match="memory"):
            door.query("select list(range) from range(200000000)")
        assert door.query(_ROWS).table.to_pylist() == [{"n": 4}]
        assert first not in _workers()
    assert _workers() == before


def test_what_does_not_stop_by_itself_is_killed(filled: Lake) -> None:
    # DuckDB looks at its clock between chunks of rows, not inside of one call.
    with Door(filled.url, Limits(timeout_s=1.0), workers=1) as door:
        with pytest.raises(LimitError, match="took longer than 1 s"):
            door.query("select levenshtein(repeat('a', 300000), repeat('b', 300000))")
        assert door.query(_ROWS).table.to_pylist() == [{"n": 4}]


def test_a_process_that_dies_is_replaced(filled: Lake) -> None:
    before = _workers()
    with Door(filled.url, workers=1) as door:
        assert door.query(_ROWS).table.to_pylist() == [{"n": 4}]
        (process,) = _workers() - before
        os.kill(process, signal.SIGKILL)
        _until(lambda: process not in _workers())
        time.sleep(0.3)  # a process that is ending has no name any more, but still its socket
        assert door.query(_ROWS).table.to_pylist() == [{"n": 4}]
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(door.query, _FOREVER)
            time.sleep(1)
            (process,) = _workers() - before
            os.kill(process, signal.SIGSEGV)
            with pytest.raises(LimitError, match="SIGSEGV"):
                answer.result()
        assert door.query(_ROWS).table.to_pylist() == [{"n": 4}]


def test_many_threads_ask_at_once(filled: Lake) -> None:
    with Door(filled.url, workers=2) as door, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: door.query("select $n as n, count(*) as rows from audit_events", {"n": n}).table.to_pylist(), range(40)))
    assert answers == [[{"n": n, "rows": 4}] for n in range(40)]


def test_who_waits_too_long_for_a_process_is_told_so(filled: Lake) -> None:
    with Door(filled.url, Limits(timeout_s=1.5), workers=1) as door, ThreadPoolExecutor(2) as pool:
        door.query("select 1")
        long = pool.submit(door.query, "select levenshtein(repeat('a', 300000), repeat('b', 300000))")
        time.sleep(0.1)
        with pytest.raises(BusyError, match="Nobody was free"):
            door.query("select 1")
        with pytest.raises(LimitError):
            long.result()


def test_closing_ends_what_runs(filled: Lake) -> None:
    before = _workers()
    door = Door(filled.url, workers=1)
    door.query("select 1")
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(door.query, _FOREVER)
        time.sleep(0.5)
        door.close()
        with pytest.raises(QueryError, match="closed"):
            answer.result()
    with pytest.raises(QueryError, match="closed"):
        door.query("select 1")
    assert _workers() == before


def test_processes_end_with_their_parent(filled: Lake, tmp_path: Path) -> None:
    code = f"""
import sys
from pipelines.serving.door import Door
door = Door({filled.url!r}, workers=2)
door.query("select 1")
print("ready", flush=True)
door.query({_FOREVER!r})
"""
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    assert parent.stdout.readline() == "ready\n"
    assert len(_workers(parent.pid)) == 2
    parent.kill()
    parent.communicate()
    _until(lambda: not _workers(parent.pid))


def test_an_interrupt_ends_the_query_at_once(filled: Lake) -> None:
    with Door(filled.url, workers=1) as door:
        door.query("select 1")
        threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            door.query(_FOREVER)
        assert door.query(_ROWS).table.to_pylist() == [{"n": 4}]


def test_rows_are_right_while_files_are_replaced(filled: Lake) -> None:
    is_done = threading.Event()

    def replace() -> None:
        digest = 0
        # A reader tries twice, so no two replacements may follow each other within one query.
        while not is_done.wait(0.3):
            digest += 1
            gone = [file.path for file in filled.files("audit_events", "a")]
            put_source(filled, "a", "s", [at(0), at(1), at(30)], f"r{digest}")
            for path in gone:
                filled.delete(path)

    with Door(filled.url, workers=1) as door, ThreadPoolExecutor(1) as pool:
        writer = pool.submit(replace)
        try:
            counts = {
                door.query("select cluster, count(*) as n from audit_events group by all order by all").table["n"].to_pylist()[0] for _ in range(30)
            }
        finally:
            is_done.set()
        writer.result()
    assert counts == {3}


def test_a_lake_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    with Door("nosuch://bucket/lake", workers=1) as door, pytest.raises(LorgnetteError, match="cannot be opened") as caught:
        door.query("select * from pods")
    assert caught.value.remedy
    with Door(str(tmp_path / "none"), workers=1) as door:
        assert door.query("select * from pods").table.num_rows == 0


def test_a_lake_behind_a_url_is_read_too(bucket: str) -> None:
    lake = Lake.open(f"{bucket}/lake")
    put_source(lake, "a", "s", [at(0), at(1)])
    with Door(lake.url, workers=1) as door:
        assert door.query(_ROWS).table.to_pylist() == [{"n": 2}]


def test_other_errors_of_the_gate_keep_their_kind(filled: Lake) -> None:
    with Door(filled.url, workers=1) as door, pytest.raises(RefusedError) as caught:
        door.query("select * from nothing_like_it")
    assert type(caught.value) is RefusedError


def test_several_queries_are_answered_at_once_each_with_its_limits(filled: Lake) -> None:
    with Door(filled.url, Limits(max_rows=2), workers=1) as door:
        many = Question("select range as n from range(5)")
        answers = door.answers(Request((many, Question(_ROWS), Question("select uid from audit_events where false")), EVERYTHING))
        assert [(answer.table.num_rows, answer.is_cut) for answer in answers] == [(2, True), (1, False), (0, False)]
        with pytest.raises(QueryError, match="no_such_column"):
            door.answers(Request((many, Question("select no_such_column from audit_events")), EVERYTHING, is_ours=True))
        assert door.query(_ROWS).table.to_pylist() == [{"n": 4}]
