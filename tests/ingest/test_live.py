"""A live cluster into raw tables: what is stored, what is not stored again, what is gone, and what is never stored."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.config import Live, Redaction, Settings
from pipelines.errors import ConfigError, InputError, SourceError
from pipelines.ingest.live import Manner, Progress, snapshot
from pipelines.sources.live import Clock
from tests.sources.live.api_server import PATHS, ApiServer, cut_body, status, watch_of
from tests.sources.live.conftest import QUICK, fill
from tests.sources.live.objects import event, frame, namespace, node, pod, system_namespace, uid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pipelines.ingest.live import SnapshotReport
    from pipelines.lake import Lake

    Snap = Callable[..., SnapshotReport]

SEVEN = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)


class SetClock(Clock):
    """Shows what a test sets."""

    def __init__(self) -> None:
        super().__init__()
        self.at = SEVEN

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with ApiServer() as started:
        fill(started)
        yield started


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def snap(server: ApiServer, lake: Lake, tmp_path: Path, clock: SetClock) -> Snap:
    """Take a snapshot; each is a minute after the one before."""

    def taken(settings: Settings | None = None, stop: threading.Event | None = None, commit_s: float = 600, **live: Any) -> SnapshotReport:  # noqa: ANN401 - any setting
        clock.at += timedelta(minutes=1)
        manner = Manner(stop=stop or threading.Event(), clock=clock, patience=QUICK, commit_s=commit_s)
        return snapshot(lake, "prod", Live(kubeconfig=server.kubeconfig(tmp_path), **live), settings or Settings(), manner)

    return taken


def rows(lake: Lake, table: str, **values: object) -> list[dict[str, Any]]:
    return [row for row in lake.read(table, "prod").to_pylist() if all(row[name] == value for name, value in values.items())]


def raw_files(lake: Lake) -> list[str]:
    return [file.path for name in ("objects", "k8s_events") for file in lake.files(name, "prod")]


def test_a_snapshot_is_one_source_with_the_account_of_all_its_lines(lake: Lake, snap: Snap) -> None:
    report = snap()
    (source,) = rows(lake, "sources")
    assert source["uri"] == "k8s://prod?at=2026-11-23T07:31:00.000000Z"
    assert (source["shape"], source["lines"], source["kept"], source["is_complete"], source["problem"]) == ("live_frames", 13, 13, True, None)
    assert source["last_at"] == SEVEN + timedelta(minutes=1)
    assert (report.kept, report.unchanged, report.is_clean, report.version) == (13, 0, True, "v1.36.2")
    assert {row["kind"] for row in rows(lake, "objects")} == {"Pod", "Node", "Namespace"}
    assert {(row["verb"], row["origin"], row["observed_at"]) for row in rows(lake, "objects")} == {("listed", "watch", SEVEN + timedelta(minutes=1))}
    assert len(rows(lake, "k8s_events")) == 5


def test_a_second_snapshot_of_the_same_day_stores_nothing_but_its_row_of_the_ledger(lake: Lake, snap: Snap) -> None:
    snap()
    before = raw_files(lake)
    report = snap()
    assert raw_files(lake) == before
    assert (report.kept, report.unchanged) == (0, 13)
    newest = max(rows(lake, "sources"), key=lambda row: row["uri"])
    assert (newest["lines"], newest["kept"], newest["duplicates"], newest["raw_files"]) == (13, 0, 13, [])
    # That nothing has changed is known up to then.
    assert newest["last_at"] == SEVEN + timedelta(minutes=2)


def test_only_what_has_changed_is_stored(server: ApiServer, lake: Lake, snap: Snap) -> None:
    snap()
    server.lists["pods"][0] = pod("web-0", 10, 99)
    server.lists["events"].append(event("web-0.2", 60, 98, about=server.lists["pods"][0], reason="Killing"))
    assert snap().kept == 2
    assert {row["resource_version"] for row in rows(lake, "objects", name="web-0")} == {20, 99}


def test_a_new_day_begins_anew(lake: Lake, snap: Snap, clock: SetClock) -> None:
    snap()
    clock.at += timedelta(days=1)
    assert snap().kept == 13
    assert len(rows(lake, "objects", name="web-0")) == 2
    assert snap().kept == 0


def test_what_a_list_does_not_hold_any_more_is_gone_with_its_last_state(server: ApiServer, lake: Lake, snap: Snap) -> None:
    snap()
    server.lists["pods"] = server.lists["pods"][1:]
    server.lists["nodes"] = []
    assert snap().kept == 2
    (alive, gone) = sorted(rows(lake, "objects", name="web-0"), key=lambda row: row["observed_at"])
    assert (gone["is_deleted"], gone["verb"], gone["observed_at"]) == (True, "deleted", SEVEN + timedelta(minutes=2))
    assert (gone["body"], gone["resource_version"], gone["uid"]) == (alive["body"], alive["resource_version"], uid(10))
    assert [row["is_deleted"] for row in rows(lake, "objects", kind="Node") if row["is_deleted"]] == [True]
    # It is told once.
    assert snap().kept == 0


def test_what_was_taken_for_gone_and_shows_again_is_stored_again(server: ApiServer, lake: Lake, snap: Snap) -> None:
    pods = server.lists["pods"]
    for shown in (pods, pods[1:], pods):
        server.lists["pods"] = shown
        snap()
    found = sorted(rows(lake, "objects", name="web-0"), key=lambda row: row["observed_at"])
    assert [row["is_deleted"] for row in found] == [False, True, False]


def test_a_list_that_is_not_whole_shows_nothing_to_be_gone(server: ApiServer, snap: Snap) -> None:
    snap()
    pods = server.lists["pods"]
    server.lists["pods"] = pods[:1]
    server.script(PATHS["pods"], *[cut_body("pods", pods, has_length=True)] * 9)
    report = snap()
    assert (report.kept, report.is_clean) == (0, False)
    server.script(PATHS["pods"], status(403, "forbidden"))
    assert snap().kept == 0


def test_a_list_of_one_namespace_says_nothing_about_others(server: ApiServer, lake: Lake, snap: Snap) -> None:
    server.lists["pods"].append(pod("other-0", 30, 30, namespace="other"))
    snap()
    server.lists["pods"] = []
    snap(namespaces=["shop"], resources=["pods"])
    assert {row["name"] for row in rows(lake, "objects", is_deleted=True)} == {f"web-{number}" for number in range(5)}


def test_a_watch_that_saw_the_end_leaves_nothing_to_conclude(server: ApiServer, lake: Lake, snap: Snap) -> None:
    server.frames["pods"] = [frame("DELETED", pod("web-0", 10, 1001))]
    snap(watch_s=0.3)
    server.lists["pods"] = server.lists["pods"][1:]
    assert snap().kept == 0
    assert [row["resource_version"] for row in rows(lake, "objects", is_deleted=True)] == [1001]


def test_no_secret_is_stored_anywhere(server: ApiServer, lake: Lake, snap: Snap, tmp_path: Path) -> None:
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhYmNkZWZnaCJ9.c2lnbmF0dXJl"  # noqa: S105 - what is to be hidden
    applied = {"kubectl.kubernetes.io/last-applied-configuration": '{"password":"hunter2"}'}
    server.lists["pods"].append(pod("annotated", 31, 31, annotations=applied))
    server.frames["pods"] = [
        frame("MODIFIED", pod("web-1", 11, 1001)),
        {"type": "MODIFIED", "object": {"kind": "Pod", "token": token, "spec": "hunter2"}},
    ]
    server.lists["events"][0]["message"] = f"Bearer {token} and swordfish"
    snap(Settings(redaction=Redaction(patterns=["swordfish"])), watch_s=0.3)
    text = "".join(str(lake.read(name, "prod").to_pylist()) for name in ("objects", "k8s_events", "quarantine", "sources"))
    assert "[redacted]" in text
    for secret in ("hunter2", token, "swordfish"):
        assert secret not in text
    # Nothing but tables is written, and those are the lake's.
    assert {path.suffix for path in (tmp_path / "lake").rglob("*") if path.is_file()} == {".parquet"}


def test_a_repeated_event_changes_the_hour_of_its_latest_occurrence_and_not_that_of_its_first(server: ApiServer, lake: Lake, snap: Snap) -> None:
    about = server.lists["pods"][0]
    old = {"firstTimestamp": "2026-11-20T01:00:00Z", "lastTimestamp": "2026-11-23T07:20:00Z", "count": 900}
    series = {
        "firstTimestamp": None,
        "lastTimestamp": None,
        "eventTime": "2026-11-20T01:00:00.5Z",
        "series": {"count": 7, "lastObservedTime": "2026-11-23T06:59:59.5Z"},
    }
    ahead = {"firstTimestamp": "2026-11-23T07:00:00Z", "lastTimestamp": "2026-11-30T00:00:00Z", "count": 2}
    once = {"firstTimestamp": "2026-11-22T05:00:00Z", "lastTimestamp": "2026-11-22T05:00:00Z", "count": 1}
    server.lists["events"] = [
        event(str(number), 70 + number, 70 + number, about=about) | each for number, each in enumerate((old, series, ahead, once))
    ]
    snap(resources=["events"])
    assert [row["partition_at"].isoformat() for row in sorted(rows(lake, "k8s_events"), key=lambda row: row["event_name"])] == [
        "2026-11-23T07:20:00+00:00",
        "2026-11-23T06:59:59.500000+00:00",
        "2026-11-23T07:31:00+00:00",
        "2026-11-22T05:00:00+00:00",
    ]


def test_what_cannot_be_read_is_in_the_ledger(server: ApiServer, lake: Lake, snap: Snap) -> None:
    server.forbidden = {PATHS["nodes"]}
    report = snap()
    (source,) = rows(lake, "sources")
    assert not source["is_complete"]
    assert source["problem"].startswith("nodes: nodes is forbidden")
    assert [str(told.target) for told in report.problems] == ["nodes"]
    assert not report.is_clean


def test_objects_without_a_uid_are_in_quarantine(server: ApiServer, lake: Lake, snap: Snap) -> None:
    broken = pod("broken", 40, 41)
    del broken["metadata"]["uid"]
    server.lists["pods"].append(broken)
    report = snap()
    (row,) = rows(lake, "quarantine")
    assert row["reason"] == "an object without metadata.uid"
    assert "hunter2" not in row["raw"]
    assert not report.is_clean


def test_another_cluster_under_the_same_name_is_refused_and_nothing_of_it_stays(server: ApiServer, lake: Lake, snap: Snap) -> None:
    snap()
    before = raw_files(lake)
    server.lists["namespaces"] = [system_namespace("00000000-0000-4000-8000-0000000000ff"), namespace("shop", 1)]
    with pytest.raises(ConfigError, match="not the cluster that the lake knows as prod") as caught:
        snap()
    assert "--context" in (caught.value.remedy or "")
    assert (raw_files(lake), len(rows(lake, "sources"))) == (before, 1)


def test_if_nothing_at_all_may_be_read_all_missing_rules_are_named(server: ApiServer, lake: Lake, snap: Snap) -> None:
    server.forbidden = set(PATHS.values())
    with pytest.raises(InputError, match="namespaces is forbidden") as caught:
        snap()
    assert 'resources: ["cronjobs"]' in (caught.value.remedy or "")
    assert lake.clusters() == []


def test_a_server_that_serves_nothing_of_it_is_no_empty_cluster(server: ApiServer, lake: Lake, snap: Snap) -> None:
    server.lists.clear()
    server.script("/version/", status(404, "not found"))
    with pytest.raises(InputError, match="does not serve it"):
        snap()
    assert lake.clusters() == []


def test_an_unknown_user_is_told_to_log_in(server: ApiServer, snap: Snap) -> None:
    server.script("/version/", status(401, "Unauthorized"))
    with pytest.raises(InputError, match="does not accept the credentials"):
        snap()


def test_a_server_that_is_not_there_is_said_so_soon(server: ApiServer, lake: Lake, tmp_path: Path) -> None:
    path = server.kubeconfig(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace(f":{server.server_port}", ":1"), encoding="utf-8")
    with pytest.raises(SourceError, match=r"cannot be reached: .*Connection refused"):
        snapshot(lake, "prod", Live(kubeconfig=path), Settings(), Manner(patience=QUICK))


def test_a_long_watch_is_committed_piece_by_piece(server: ApiServer, lake: Lake, snap: Snap, clock: SetClock) -> None:
    def second(handler: Any) -> None:  # noqa: ANN401 - the server's handler
        while not lake.files("sources", "prod"):
            server.closing.wait(0.02)
        clock.at += timedelta(minutes=5)
        handler.watch([frame("MODIFIED", pod("web-0", 10, 1002))], 30)

    server.script(f"{PATHS['pods']}?watch", watch_of([frame("MODIFIED", pod("web-0", 10, 1001))]), second)
    report = snap(watch_s=1.5, commit_s=0.4, resources=["pods"])
    assert len(report.sources) >= 2
    assert sum(source.kept for source in report.sources) == 7
    assert {row["resource_version"] for row in rows(lake, "objects", name="web-0")} == {20, 1001, 1002}


def test_a_watch_that_is_stopped_keeps_what_has_come(server: ApiServer, lake: Lake, snap: Snap) -> None:
    stop = threading.Event()

    def then_stop(handler: Any) -> None:  # noqa: ANN401
        stop.set()
        handler.watch([], 30)

    server.script(f"{PATHS['pods']}?watch", watch_of([frame("MODIFIED", pod("web-0", 10, 1001))]), then_stop)
    report = snap(stop=stop, watch_s=3600.0, resources=["pods"])
    assert report.is_clean
    assert {row["resource_version"] for row in rows(lake, "objects", name="web-0")} == {20, 1001}


def test_a_list_that_is_stopped_is_a_problem(server: ApiServer, snap: Snap) -> None:
    stop = threading.Event()

    def then_stop(handler: Any) -> None:  # noqa: ANN401
        stop.set()
        status(429, "busy", Retry_After="60")(handler)

    server.script(PATHS["pods"], None, then_stop)
    (told,) = snap(stop=stop, resources=["pods"], page_size=2).told
    assert told.problem == "interrupted before its list was complete"


def test_a_failure_of_the_lake_ends_all_connections(lake: Lake, snap: Snap, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pipelines.lake.lake.Lake.writer", refuse)
    with pytest.raises(OSError, match="No space"):
        snap(watch_s=0.2)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("live")]
    assert raw_files(lake) == []


def test_progress_is_told(server: ApiServer, lake: Lake, tmp_path: Path) -> None:
    told: list[Progress] = []
    snapshot(lake, "prod", Live(kubeconfig=server.kubeconfig(tmp_path), watch_s=0.3), Settings(), Manner(patience=QUICK, progress=told.append))
    assert told[-1].lists == told[-1].targets == 13
    assert (told[-1].items, told[-1].frames) == (13, 0)


def test_keys_of_stored_rows_are_those_of_the_feed(server: ApiServer, snap: Snap) -> None:
    """What the lake has is told from a line that comes again by a hash that two queries make; types must not differ."""
    server.lists["nodes"] = [node(f"n{number}", 100 + number, 10**number) for number in range(1, 18)]
    snap(resources=["nodes", "events"])
    assert snap(resources=["nodes", "events"]).kept == 0
