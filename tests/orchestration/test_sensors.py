"""What starts by an event: clusters, files, late days, failures."""

from __future__ import annotations

import json
import os
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import dagster as dg
import fsspec
import pytest
import requests
from urllib3 import Retry

from pipelines.ingest import ingest
from pipelines.orchestration.resources import LakeResource
from pipelines.orchestration.sensors import failed_runs_sensor
from pipelines.orchestration.webhook import WEBHOOK_VARIABLE, post
from tests.orchestration.conftest import partition
from tests.orchestration.logs import RECORDED, sample_lines, write_day

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from dagster._core.definitions.sensor_definition import SensorExecutionData

    from tests.orchestration.conftest import Site

TWO_WEEKS_BACK = RECORDED.replace(day=18)


def tick(site: Site, sensor: str, cursor: str | None = None) -> SensorExecutionData:
    repository = site.defs.get_repository_def()
    resources = {"lake": LakeResource(config=str(site.config))}
    with dg.build_sensor_context(site.instance, cursor, repository_def=repository, resources=resources) as context:
        return repository.get_sensor_def(sensor).evaluate_tick(context)


def put(site: Site, cluster: str, day: date, lines: int = 50) -> None:
    write_day(site.folder / "logs", cluster, day, sample_lines(0, lines))


def ranges(data: SensorExecutionData) -> list[tuple[str, str]]:
    return [(each.tags["dagster/asset_partition_range_start"], each.tags["dagster/asset_partition_range_end"]) for each in data.run_requests or []]


def test_clusters_of_the_settings_and_of_the_lake_get_partitions_once(site: Site) -> None:
    put(site, "east", RECORDED)
    ingest(site.lake(), "by-hand", [str(site.folder / "logs")], site.settings)
    (request,) = tick(site, "clusters").dynamic_partitions_requests or []
    assert request.partition_keys == ["by-hand"]
    site.instance.add_dynamic_partitions("clusters", ["by-hand"])
    assert tick(site, "clusters").skip_message == "No new cluster; there are 3."


def test_only_the_cluster_whose_files_changed_is_read(site: Site) -> None:
    put(site, "east", RECORDED)
    put(site, "west", RECORDED)
    first = tick(site, "new_files")
    assert [each.tags["lorgnette/cluster"] for each in first.run_requests or []] == ["east", "west"]
    assert tick(site, "new_files", first.cursor).run_requests == []
    put(site, "west", RECORDED, lines=60)
    second = tick(site, "new_files", first.cursor)
    assert [each.tags["lorgnette/cluster"] for each in second.run_requests or []] == ["west"]


def test_a_new_object_in_a_bucket_starts_a_run_that_reads_it(site: Site, bucket: str) -> None:
    key = f"{bucket}/east/{RECORDED:%Y/%m/%d}/audit.log"
    fsspec.filesystem("s3").pipe(key, sample_lines(0, 50))
    source = f"[{{paths: ['{bucket}/{{cluster}}/%Y/%m/%d/'], include: ['*.log']}}]"
    site.config.write_text(f"lake: {site.folder}/lake\nclusters: {{east: {{sources: {source}}}}}\n", encoding="utf-8")
    first = tick(site, "new_files")
    assert [each.tags["lorgnette/cluster"] for each in first.run_requests or []] == ["east"]
    assert tick(site, "new_files", first.cursor).run_requests == []
    run = partition("east", RECORDED)
    site.run(run, run, ["sources"])
    assert [row["uri"] for row in site.lake().read("sources", "east").to_pylist()] == [key]
    fsspec.filesystem("s3").pipe(key, sample_lines(0, 60))
    assert len(tick(site, "new_files", first.cursor).run_requests or []) == 1


def test_a_file_of_the_same_size_written_later_has_changed(site: Site) -> None:
    put(site, "east", RECORDED)
    first = tick(site, "new_files")
    file = site.folder / "logs" / "east" / f"audit-{RECORDED}.log"
    os.utime(file, (1, 1))
    assert len(tick(site, "new_files", first.cursor).run_requests or []) == 1


def test_a_cluster_without_files_is_left_alone(site: Site) -> None:
    assert tick(site, "new_files").skip_message == "No file is new or has changed."


def test_a_late_file_has_its_day_and_the_days_that_look_there_computed(site: Site) -> None:
    put(site, "east", TWO_WEEKS_BACK)
    ingest(site.lake(), "east", [str(site.folder / "logs" / "east")], site.settings)
    first = tick(site, "late_days")
    (start, end), *more = ranges(first)
    assert (start, more) == ("east|2026-11-16", [])
    assert end >= "east|2026-11-23"
    again = tick(site, "late_days", first.cursor)
    assert again.skip_message == "No earlier day has changed."


def test_a_late_file_that_grows_is_late_again(site: Site) -> None:
    put(site, "east", TWO_WEEKS_BACK)
    ingest(site.lake(), "east", [str(site.folder / "logs" / "east")], site.settings)
    first = tick(site, "late_days")
    put(site, "east", TWO_WEEKS_BACK, lines=60)
    ingest(site.lake(), "east", [str(site.folder / "logs" / "east")], site.settings)
    second = tick(site, "late_days", first.cursor)
    assert ranges(second) == ranges(first)
    assert {each.run_key for each in second.run_requests or []}.isdisjoint(each.run_key for each in first.run_requests or [])


class Receiver(BaseHTTPRequestHandler):
    """Answers as it is told, and keeps what it was sent."""

    answers: list[int]
    received: list[dict[str, object]]

    def do_POST(self) -> None:
        self.received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.answers.pop(0))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing: the test looks at `received`."""


@pytest.fixture
def receiver() -> Iterator[HTTPServer]:
    handler = type("OwnReceiver", (Receiver,), {"answers": [200], "received": []})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def url_of(server: HTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_port}/hook"


def failed_run(site: Site) -> dg.RunFailureSensorContext:
    """A run that failed because its cluster has no files."""
    key = partition("east", RECORDED)
    result = site.run(key, key, ["sources"], raise_on_error=False)
    assert not result.success
    event = next(each for each in result.all_events if each.event_type is dg.DagsterEventType.RUN_FAILURE)
    context = dg.build_run_status_sensor_context("failed_runs", event, site.instance, result.dagster_run)
    return context.for_run_failure()


def test_a_failed_run_is_told_with_its_reason(site: Site, receiver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WEBHOOK_VARIABLE, url_of(receiver))
    context = failed_run(site)
    failed_runs_sensor(context)
    (message,) = receiver.RequestHandlerClass.received  # type: ignore[attr-defined]
    assert (message["event"], message["job"], message["run_id"]) == ("run_failed", "refresh", context.dagster_run.run_id)
    assert message["partitions"] == ["east|2026-11-23", "east|2026-11-23"]
    assert message["errors"][0].startswith("ingest: Nothing could be read.")
    assert "remedy: Give audit logs" in message["errors"][0]


def test_nothing_is_told_while_no_webhook_is_set(site: Site, receiver: HTTPServer) -> None:
    skipped = failed_runs_sensor(failed_run(site))
    assert isinstance(skipped, dg.SkipReason)
    assert receiver.RequestHandlerClass.received == []  # type: ignore[attr-defined]


def test_a_busy_webhook_is_tried_again(receiver: HTTPServer) -> None:
    receiver.RequestHandlerClass.answers = [503, 429, 200]  # type: ignore[attr-defined]
    post(url_of(receiver), {"event": "test"}, Retry(total=3, backoff_factor=0, status_forcelist=(429, 503), allowed_methods=None))
    assert receiver.RequestHandlerClass.received == [{"event": "test"}] * 3  # type: ignore[attr-defined]


def test_a_webhook_that_refuses_is_an_error(receiver: HTTPServer) -> None:
    receiver.RequestHandlerClass.answers = [403]  # type: ignore[attr-defined]
    with pytest.raises(requests.HTTPError, match="403"):
        post(url_of(receiver), {"event": "test"})
