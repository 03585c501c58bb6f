"""Logs through a pipe, and an ingest that is killed: real processes."""

from __future__ import annotations

import gzip
import json
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.lake import Lake
from tests.command import COMMAND, environment
from tests.ingest.logs import audit, lines

if TYPE_CHECKING:
    from collections.abc import Callable

_RAW = ("audit_events", "k8s_events", "objects")


def log(name: str, count: int = 20) -> bytes:
    return lines(*(audit(auditID=f"{name}-{number}") for number in range(count)))


@pytest.fixture
def piped(tmp_path: Path) -> Callable[..., tuple[int, list[dict[str, Any]], str]]:
    def call(data: bytes, *arguments: str) -> tuple[int, list[dict[str, Any]], str]:
        """Pipe bytes into an ingest: how it ended, its rows, and what it said."""
        done = subprocess.run(
            [*COMMAND, "ingest", "-", "-c", "c", "-o", "json", *arguments],
            cwd=tmp_path,
            env=environment(COLUMNS="200"),
            input=data,
            capture_output=True,
            timeout=300,
            check=False,
        )
        return done.returncode, json.loads(done.stdout or "[]"), done.stderr.decode()

    return call


def test_the_same_bytes_through_a_pipe_are_the_same_source(tmp_path: Path, piped: Callable[..., Any]) -> None:
    _, [first], said = piped(gzip.compress(log("a"), mtime=0))
    assert (first["kept"], first["unchanged"], first["file"].startswith("stdin:")) == (20, False, True), said
    _, [again], _ = piped(gzip.compress(log("a"), mtime=0))
    assert (again["file"], again["unchanged"]) == (first["file"], True)
    _, [other], _ = piped(log("b"))
    assert other["file"] != first["file"]
    assert Lake.open(tmp_path / "lake").read("audit_events").num_rows == 40


def test_a_named_pipe_replaces_what_it_gave_before(tmp_path: Path, piped: Callable[..., Any]) -> None:
    piped(log("a"), "--stdin-name", "today")
    _, [source], _ = piped(log("a") + log("b"), "--stdin-name", "today")
    assert (source["file"], source["kept"]) == ("stdin:today", 40)
    assert Lake.open(tmp_path / "lake").read("audit_events").num_rows == 40


def test_an_empty_pipe_says_where_to_look(piped: Callable[..., Any]) -> None:
    code, _, said = piped(b"")
    assert code == 1
    assert "Nothing came through the pipe" in said
    assert "remedy: See what the command before the pipe says." in said


def committed(lake: Lake) -> list[dict[str, Any]]:
    return lake.read("sources", "c").to_pylist()


def test_a_killed_ingest_goes_on_where_it_was_and_leaves_nothing(tmp_path: Path) -> None:
    files, rows = 12, 100
    for number in range(files):
        (tmp_path / f"{number:02}.log").write_bytes(log(str(number), rows))
    arguments = [*COMMAND, "ingest", str(tmp_path), "-c", "c", "--lake", str(tmp_path / "lake"), "-o", "json"]
    lake = Lake.open(tmp_path / "lake")
    with subprocess.Popen(arguments, env=environment(COLUMNS="200"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while len(committed(lake)) < 3 and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    before = committed(lake)
    assert 3 <= len(before) < files
    # As if it had been killed a moment later: a file in its place that no row of the ledger names.
    stray = lake.native(before[0]["raw_files"][0]).replace(before[0]["digest"], "0" * 16)
    Path(stray).write_bytes(b"half a file")
    assert [path for path in (tmp_path / "lake" / "_running").rglob("*") if path.is_file()]

    done = subprocess.run(arguments, env=environment(COLUMNS="200"), capture_output=True, timeout=300, check=True)
    sources = json.loads(done.stdout)
    assert {source["file"] for source in sources if source["unchanged"]} == {row["uri"] for row in before}
    assert [source["kept"] for source in sources] == [rows] * files
    named = {path for row in committed(lake) for path in row["raw_files"]}
    assert {file.path for table in _RAW for file in lake.files(table)} == named
    assert lake.read("audit_events").num_rows == files * rows
    assert [path for path in (tmp_path / "lake").rglob("*") if path.is_file() and path.suffix != ".parquet"] == []


def test_a_log_that_ends_earlier_is_named(piped: Callable[..., tuple[int, list[dict[str, Any]], str]]) -> None:
    later = lines(audit(auditID="later", stageTimestamp="2026-11-23T09:17:10Z"))
    for data, is_named in ((log("a"), False), (log("a") + later, False), (log("a"), True)):
        code, _, said = piped(data, "--stdin-name", "log")
        assert (code, "ends earlier than when it was read before" in said) == (0, is_named)


def test_the_first_run_takes_a_shape_too(tmp_path: Path) -> None:
    (tmp_path / "noisy.log").write_bytes(b"noise\n" * 60 + log("a"))
    done = subprocess.run(
        [*COMMAND, "run", "noisy.log", "-c", "c", "--shape", "audit_lines"],
        cwd=tmp_path,
        env=environment(COLUMNS="200"),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert "80 lines of 1 files" in done.stderr
    assert "60 of 80 lines are no records" in done.stderr
