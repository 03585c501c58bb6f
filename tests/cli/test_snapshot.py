"""`lorgnette snapshot` as people use it: another process, an API server over real HTTP, what it prints and how it ends."""

from __future__ import annotations

import json
import math
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
import typer

from pipelines.cli.snapshot import seconds
from pipelines.lake import Lake
from tests.command import COMMAND, call, environment
from tests.sources.live.api_server import PATHS, ApiServer
from tests.sources.live.conftest import fill
from tests.sources.live.objects import frame, pod

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with ApiServer() as started:
        fill(started)
        yield started


def test_a_snapshot_says_what_came_and_what_to_do_next(server: ApiServer, tmp_path: Path) -> None:
    path = server.kubeconfig(tmp_path, context="prod-eu")
    done = call(tmp_path, "snapshot", "-c", "prod", "--kubeconfig", str(path), "--context", "prod-eu", "--page-size", "2", "--lake", "lake")
    assert done.returncode == 0, done.stderr
    assert f"prod: 13 new rows, 0 unchanged, from {server.url} (v1.36.2)." in done.stderr
    assert "Next: lorgnette refresh --lake lake" in done.stderr
    assert [line.split()[:4] for line in done.stdout.splitlines() if " pods " in line] == [["prod", "pods", "5", "3"]]


def test_what_is_forbidden_ends_with_3_and_the_missing_rule(server: ApiServer, tmp_path: Path) -> None:
    server.forbidden = {PATHS["nodes"]}
    done = call(tmp_path, "snapshot", "-c", "prod", "--kubeconfig", str(server.kubeconfig(tmp_path)), "--lake", "lake", "-o", "json")
    assert done.returncode == 3
    assert 'Add to a ClusterRole the rule {apiGroups: [""], resources: ["nodes"], verbs: ["list", "watch"]}, or leave it out' in done.stderr
    assert {row["resource"]: row["items"] for row in json.loads(done.stdout)} | {"nodes": 0, "pods": 5} == {
        row["resource"]: row["items"] for row in json.loads(done.stdout)
    }


def test_an_unknown_context_is_wrong_use(server: ApiServer, tmp_path: Path) -> None:
    done = call(tmp_path, "snapshot", "-c", "prod", "--kubeconfig", str(server.kubeconfig(tmp_path)), "--context", "nope", "--lake", "lake")
    assert (done.returncode, "It has test." in done.stderr, "Traceback" in done.stderr) == (2, True, False)


def test_a_pod_that_is_told_to_end_keeps_what_it_watched(server: ApiServer, tmp_path: Path) -> None:
    server.frames["pods"] = [frame("MODIFIED", pod("web-0", 10, 1001))]
    arguments = ["snapshot", "-c", "prod", "--kubeconfig", str(server.kubeconfig(tmp_path)), "--watch", "forever", "--lake", str(tmp_path / "lake")]
    process = subprocess.Popen([*COMMAND, *arguments], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline_s = time.monotonic() + 60
    while sum(request.is_watch for request in server.requests) < 13:
        assert time.monotonic() < deadline_s
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 0, told
    assert "Ending on SIGTERM; what has come is kept." in told
    assert {row["name"] for row in Lake.open(tmp_path / "lake").read("objects", "prod").to_pylist()} >= {"web-0", "n1", "shop"}


def test_run_reads_the_live_clusters_of_the_settings_too(server: ApiServer, tmp_path: Path) -> None:
    server.lists["events"] = []
    live = f"live: {{kubeconfig: {server.kubeconfig(tmp_path)}, watch_s: 3600}}"
    (tmp_path / "lorgnette.yaml").write_text(f"lake: lake\nclusters:\n  prod:\n    {live}\n", encoding="utf-8")
    done = call(tmp_path, "run")
    assert done.returncode == 0, done.stderr
    assert "prod: 8 new rows" in done.stderr
    assert not any(request.is_watch for request in server.requests)
    assert (tmp_path / "report.html").exists()


@pytest.mark.parametrize(
    ("text", "wanted"), [(None, None), ("90", 90), ("90s", 90), ("10m", 600), ("1h30m", 5400), ("0.5s", 0.5), ("1d", 86400), ("forever", math.inf)]
)
def test_durations_are_written_as_people_do(text: str | None, wanted: float | None) -> None:
    assert seconds(text) == wanted


@pytest.mark.parametrize("text", ["", "10x", "m", "-5m", "1 h", "soon"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="no duration"):
        seconds(text)
