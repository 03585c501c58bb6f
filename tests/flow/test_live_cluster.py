"""From an API server to diagnoses: a recorded cluster, listed and watched over real HTTP, gives what its recording gives as files."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bench.truth.corpus import Run
from bench.truth.diagnosis_check import check_diagnoses
from bench.truth.expected import read_expectations
from bench.truth.lake import Lake as TruthLake
from bench.truth.truth import read_truth
from pipelines.config import Live, Settings
from pipelines.ingest import ingest
from pipelines.ingest.live import Manner, snapshot
from pipelines.lake import Lake
from pipelines.refresh import refresh
from tests.conftest import REPOSITORY
from tests.sources.live.api_server import ApiServer
from tests.sources.live.objects import event, frame, pod
from tests.sources.live.replay import Recorded, Replay, ReplayClock, instant

if TYPE_CHECKING:
    from pipelines.ingest.live import SnapshotReport

FEEDS = {"pods": "pods-watch", "events": "events-watch", "nodes": "nodes-watch", "persistentvolumeclaims": "pvcs-watch"}
TABLES = ["pods", "hyper_events", "diagnoses", "verdicts", "deliveries"]
FROM = instant("2026-11-23T07:02:20")


def unzipped(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())


def play(folder: Path, lake: Lake, cluster: str, recorded: list[Recorded], commit_s: float = 600.0) -> SnapshotReport:
    """Take a snapshot of a cluster that plays a recording, and watch it to the end."""
    with ApiServer() as server:
        replay = Replay(server, recorded, FROM)
        replay.start()
        manner = Manner(stop=replay.stop, clock=replay.clock, commit_s=commit_s)
        report = snapshot(lake, cluster, Live(kubeconfig=server.kubeconfig(folder), watch_s=600), Settings(), manner)
    assert replay.failed is None
    assert report.is_clean
    return report


def deliveries(lake: Lake, cluster: str) -> dict[str, dict[str, Any]]:
    rows = lake.read("deliveries", cluster).to_pylist()
    return {f"{row['kind']} {row['uid']}": {name: row[name] for name in row if name not in {"cluster", "delivery_id"}} for row in rows}


def test_the_life_of_a_pod_is_told_by_its_watch(tmp_path: Path, lake: Lake) -> None:
    """Made by hand, so that it is told where there is no corpus too."""
    bare = pod("web-0", 10, 1001, is_ready=False, creationTimestamp="2026-11-23T07:00:00Z")
    ready = pod("web-0", 10, 1003)
    ending = pod("web-0", 10, 1005, deletionTimestamp="2026-11-23T07:01:30Z", deletionGracePeriodSeconds=30)
    started = event("web-0.187a9a8e84566171", 50, 1002, about=ready)
    steps = [
        ("2026-11-23T07:00:00.5", "pods", frame("ADDED", bare)),
        ("2026-11-23T07:00:04.5", "events", frame("ADDED", started)),
        ("2026-11-23T07:00:06.25", "pods", frame("MODIFIED", ready)),
        ("2026-11-23T07:01:00.5", "pods", frame("MODIFIED", ending)),
        ("2026-11-23T07:01:12.75", "pods", frame("DELETED", ending | {"metadata": ending["metadata"] | {"resourceVersion": "1006"}})),
    ]
    play(tmp_path, lake, "c", [Recorded(instant(at), resource, body) for at, resource, body in steps])
    refresh(lake, "c", settings=Settings(), tables=TABLES)
    found = {row["kind"]: row for row in lake.read("deliveries", "c").to_pylist()}
    assert (found["pod_create"]["state"], found["pod_create"]["ready_at"]) == ("delivered", instant("2026-11-23T07:00:06.25"))
    assert (found["pod_delete"]["state"], found["pod_delete"]["gone_at"]) == ("delivered", instant("2026-11-23T07:01:12.75"))
    assert found["pod_delete"]["started_at"] == instant("2026-11-23T07:01:00")


def test_snapshots_alone_bound_when_a_pod_was_gone(tmp_path: Path, lake: Lake) -> None:
    """No watch saw it end, so a List that does not hold it any more is what there is: it was gone by then."""
    ending = pod("web-0", 10, 1005, deletionTimestamp="2026-11-23T07:05:30Z", deletionGracePeriodSeconds=30)
    with ApiServer() as server:
        for minute, objects in ((1, [pod("web-0", 10, 1003)]), (6, [ending]), (11, [])):
            server.lists["pods"] = objects
            manner = Manner(clock=ReplayClock(instant(f"2026-11-23T07:{minute:02}:00")))
            snapshot(lake, "c", Live(kubeconfig=server.kubeconfig(tmp_path), resources=["pods"]), Settings(), manner)
    refresh(lake, "c", settings=Settings(), tables=TABLES)
    (gone,) = [row for row in lake.read("deliveries", "c").to_pylist() if row["kind"] == "pod_delete"]
    assert (gone["started_at"], gone["gone_at"], gone["state"]) == (instant("2026-11-23T07:05:00"), instant("2026-11-23T07:11:00"), "delivered")
    # It may have been so since it was last seen.
    assert gone["gone_uncertainty_ms"] == 5 * 60 * 1000
    verdicts = {row["objective"]: row["verdict"] for row in lake.read("verdicts", "c").to_pylist() if row["kind"] == "pod_delete"}
    assert verdicts == dict.fromkeys(("10m", "1h", "24h"), "SUCCESS")


@pytest.fixture(scope="module")
def played(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The recorded cluster `real-a` read live (its API server's restart and the expired watches after it included), then its state at the end."""
    folder = tmp_path_factory.mktemp("live")
    lake = Lake.open(folder / "lake")
    run = corpus / "real-a"
    recorded = [each for name, file in FEEDS.items() for each in Recorded.read(name, unzipped(run / f"{file}.jsonl.gz").splitlines())]
    report = play(folder, lake, "real-a", recorded, commit_s=0.3)
    assert len(report.sources) > 1
    assert {str(told.target) for told in report.told if told.restarts} == {"pods", "nodes", "persistentvolumeclaims"}
    refresh(lake, "real-a", settings=Settings(), tables=TABLES)
    return lake


def test_every_diagnosis_is_as_expected(corpus: Path, played: Lake) -> None:
    run = Run("real-a", corpus / "real-a", "real-a")
    expectations = read_expectations(REPOSITORY / "bench" / "truth" / "expected.yaml")
    section = check_diagnoses(read_truth(run), TruthLake(Path(played.url)).table("deliveries", "real-a"), expectations)
    assert section.findings == []
    assert sum(int(row[3]) for row in section.rows) > 500


def test_read_live_or_from_files_is_the_same(corpus: Path, played: Lake, lake: Lake) -> None:
    """But for what a restart lists anew: there a file has each object's own time, and a List one for all."""
    ingest(lake, "real-a", [str(corpus / "real-a" / f"{file}.jsonl.gz") for file in FEEDS.values()], Settings())
    refresh(lake, "real-a", settings=Settings(), tables=TABLES)
    live, filed = deliveries(played, "real-a"), deliveries(lake, "real-a")
    assert live.keys() == filed.keys()
    exact = ("state", "settled", "error_code", "error_detail", "fault", "node", "images", "owner_name")
    assert [(key, name) for key in live for name in exact if live[key][name] != filed[key][name]] == []
    times = ("started_at", "bound_at", "ready_at", "deleted_at", "gone_at", "ended_at")
    apart = [abs(live[key][name] - filed[key][name]) for key in live for name in times if live[key][name] is not None]
    assert max(apart) < timedelta(seconds=1)


def test_a_later_snapshot_of_the_same_state_adds_nothing_but_what_is_new(corpus: Path, played: Lake, tmp_path: Path) -> None:
    run = corpus / "real-a"
    final = {name: json.loads(unzipped(run / f"{file}.json.gz")) for name, file in {"pods": "pods-final", "events": "events-list-end"}.items()}
    with ApiServer() as server:
        for name, body in final.items():
            server.lists[name] = body["items"]
        manner = Manner(clock=ReplayClock(instant("2026-11-23T07:28:30")))
        report = snapshot(played, "real-a", Live(kubeconfig=server.kubeconfig(tmp_path), resources=list(final), page_size=100), Settings(), manner)
    listed = sum(len(body["items"]) for body in final.values())
    assert report.kept + report.unchanged >= listed
    assert report.unchanged > listed * 0.95
