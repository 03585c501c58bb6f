"""Real logs: every line of a small cluster's log against a reading of it line by line in Python."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.config import TRACKED_KINDS
from tests.ingest.reading import Reading

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.ingest import IngestReport

_AUDIT = "real-a2/audit/audit.log.gz"


@pytest.fixture(scope="module")
def events(corpus: Path) -> dict[int, dict[str, Any]]:
    """The kept audit events by line."""
    with gzip.open(corpus / _AUDIT) as file:
        lines = {number: json.loads(line) for number, line in enumerate(file, 1)}
    return {
        number: line
        for number, line in lines.items()
        if line["stage"] != "RequestReceived" and (line.get("objectRef") or {}).get("resource") != "leases"
    }


@pytest.fixture(scope="module")
def audit_reading(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Reading:
    """A lake of the audit log alone, in small chunks."""
    reading = Reading(tmp_path_factory.mktemp("audit"))
    reading.ingest(str(corpus / _AUDIT), ingest={"chunk_bytes": 1024 * 1024})
    return reading


def _first(*values: Any) -> Any:  # noqa: ANN401 - JSON
    return next((value for value in values if value), None)


def test_each_kept_line_has_its_row(audit_reading: Reading, events: dict[int, dict[str, Any]]) -> None:
    assert [row["source_line"] for row in audit_reading.rows("audit_events")] == sorted(events)


def test_the_columns_are_what_the_lines_say(audit_reading: Reading, events: dict[int, dict[str, Any]]) -> None:
    for row in audit_reading.rows("audit_events"):
        line = events[row["source_line"]]
        reference, status = line.get("objectRef") or {}, line.get("responseStatus") or {}
        assert (row["audit_id"], row["stage"], row["verb"], row["user"]) == (line["auditID"], line["stage"], line["verb"], line["user"]["username"])
        assert (row["resource"], row["subresource"], row["namespace"]) == tuple(
            reference.get(name) for name in ("resource", "subresource", "namespace")
        )
        assert (row["code"], row["status_reason"]) == (status.get("code"), status.get("reason"))
        assert row["stage_at"] == datetime.fromisoformat(line["stageTimestamp"])
        assert row["received_at"] == datetime.fromisoformat(line["requestReceivedTimestamp"])
        assert row["is_dry_run"] == ("dryRun=" in line["requestURI"])
        assert row["impersonated_user"] == (line.get("impersonatedUser") or {}).get("username")


def test_names_and_uids_are_the_best_known(audit_reading: Reading, events: dict[int, dict[str, Any]]) -> None:
    for row in audit_reading.rows("audit_events"):
        line = events[row["source_line"]]
        request = line["requestObject"] if isinstance(line.get("requestObject"), dict) else {}
        answer = line.get("responseObject") or {}
        reference, asked = line.get("objectRef") or {}, request.get("metadata") or {}
        answered = answer.get("metadata") or {} if answer.get("kind") != "Status" else {}
        deleted = (answer.get("details") or {}) if answer.get("kind") == "Status" and line["verb"] == "delete" else {}
        assert row["name"] == _first(reference.get("name"), answered.get("name"), asked.get("name"))
        assert row["uid"] == _first(answered.get("uid"), deleted.get("uid"), reference.get("uid"), asked.get("uid"))


def test_each_version_that_an_answer_holds_is_stored(audit_reading: Reading, events: dict[int, dict[str, Any]]) -> None:
    versions = set()
    for line in events.values():
        answer = line.get("responseObject") or {}
        group = f".{answer['apiVersion'].partition('/')[0]}" if "/" in answer.get("apiVersion", "") else ""
        went_well = 200 <= (line.get("responseStatus") or {}).get("code", 0) < 300 and "dryRun=" not in line["requestURI"]
        if went_well and f"{answer.get('kind')}{group}" in TRACKED_KINDS:
            versions.add((answer["metadata"]["uid"], int(answer["metadata"]["resourceVersion"])))
    assert {(row["uid"], row["resource_version"]) for row in audit_reading.rows("objects")} == versions


def test_stored_bodies_are_the_answers_without_managed_fields(audit_reading: Reading, events: dict[int, dict[str, Any]]) -> None:
    for row in audit_reading.rows("objects"):
        answer = events[row["source_line"]]["responseObject"]
        answer["metadata"].pop("managedFields", None)
        stored = json.loads(row["body"])
        assert stored["metadata"].keys() == answer["metadata"].keys()
        assert stored.get("status") == answer.get("status")


def test_the_webhook_saw_the_same_events(corpus: Path, audit_reading: Reading, tmp_path: Path) -> None:
    batches = Reading(tmp_path)
    source = batches.ingest(str(corpus / "real-a2/audit-webhook")).sources[0]
    assert (source.shape, source.lines, source.quarantined) == ("audit_batches", 8263, 0)
    logged = {(row["audit_id"], row["stage"]): row for row in audit_reading.rows("audit_events")}
    for row in batches.rows("audit_events"):
        same = logged[row["audit_id"], row["stage"]]
        # The log's backend was told to drop large bodies, the webhook's was not.
        names = ("code", "stage_at", *(() if same["is_truncated"] else ("uid", "body_table")))
        assert [row[name] for name in names] == [same[name] for name in names]


@pytest.fixture(scope="module")
def folder_report(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Reading, IngestReport]:
    """A lake of everything that lies in a run's folder."""
    reading = Reading(tmp_path_factory.mktemp("folder"))
    return reading, reading.ingest(str(corpus / "real-a2"))


def test_a_folder_of_everything_is_told_apart(folder_report: tuple[Reading, IngestReport]) -> None:
    _, report = folder_report
    found = {source.uri.rpartition("/")[2]: source.shape for source in report.sources}
    assert found == {
        "audit.log.gz": "audit_lines",
        "batches.jsonl.gz": "audit_batches",
        "events-list-end.json.gz": "object_list",
        "events-v1-watch.jsonl.gz": "watch_frames",
        "events-watch.jsonl.gz": "watch_frames",
        "nodes-watch.jsonl.gz": "watch_frames",
        "nodes.json.gz": "object_list",
        "pods-watch.jsonl.gz": "watch_frames",
        "pvcs-watch.jsonl": "watch_frames",
    }
    assert {"audit-policy.yaml", "scenarios.jsonl", "journal.jsonl.gz", "summary.json", "registry.jsonl.gz"} <= {
        uri.rpartition("/")[2] for uri in report.left_aside
    }
    assert (report.unreadable, report.quarantined, report.is_clean) == ([], 0, True)


def test_both_shapes_of_events_tell_the_same(folder_report: tuple[Reading, IngestReport]) -> None:
    reading, report = folder_report
    ids = {source.uri.rpartition("/")[2]: source.source_id for source in report.sources}
    names = (
        "event_uid",
        "resource_version",
        "reason",
        "message",
        "count",
        "involved_uid",
        "involved_field_path",
        "first_at",
        "last_at",
        "event_at",
        "partition_at",
        "component",
        "host",
        "is_deleted",
    )
    core, newer = (
        {tuple(row[name] for name in names) for row in reading.rows("k8s_events") if row["source_id"] == ids[file]}
        for file in ("events-watch.jsonl.gz", "events-v1-watch.jsonl.gz")
    )
    assert len(core) > 400
    # The two watches began and ended at slightly different instants.
    assert len(core & newer) > 0.95 * len(core)
