"""A log that GKE kept: one time, no stage, no URI, a code of gRPC. What remains gives the same deliveries; what is lost, coverage says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import zstandard

from pipelines.config import Settings
from pipelines.ingest import ingest
from pipelines.lake import Lake
from pipelines.refresh import refresh
from tests.ingest.gke_entries import gke_entry
from tests.ingest.logs import compact

if TYPE_CHECKING:
    from collections.abc import Iterator

_SAMPLE = Path(__file__).parents[2] / "sample" / "audit"
_NAMESPACES = {"shop", "pay", "ml", "data", "infra", "scratch-771", "secure-team", None}
_TABLES = ["pods", "hyper_events", "coverage", "diagnoses", "verdicts", "deliveries"]

Both = tuple[Lake, Lake, list[tuple[dict[str, Any], dict[str, Any]]]]


def _events() -> Iterator[dict[str, Any]]:
    """Audit events of a few namespaces and of what is in none, as far as GKE has an entry of them; status patches as its policy logs them."""
    for path in sorted(_SAMPLE.glob("*.zst")):
        for line in zstandard.ZstdDecompressor().decompress(path.read_bytes()).splitlines():
            event = json.loads(line)
            target = event.get("objectRef") or {}
            if target.get("namespace") not in _NAMESPACES or gke_entry(event) is None:
                continue
            if target.get("subresource") == "status" and target["resource"] in {"pods", "nodes"} and event["verb"] == "patch":
                event.pop("responseObject", None)
            yield event


def _built(folder: Path, text: str) -> Lake:
    folder.mkdir()
    (folder / "log").write_text(text, encoding="utf-8")
    lake = Lake.open(str(folder / "lake"))
    ingest(lake, "c", [str(folder / "log")], Settings())
    refresh(lake, "c", settings=Settings(), tables=_TABLES)
    return lake


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Both:
    """Each delivery as the API server's own log and as GKE's tells it."""
    folder, events = tmp_path_factory.mktemp("gke"), list(_events())
    native = _built(folder / "native", "\n".join(map(compact, events)))
    # What `gcloud logging read --format json` prints.
    gke = _built(folder / "gke", compact([gke_entry(event) for event in events]))
    ours, theirs = (
        {(row["kind"], row["uid"] or row["delivery_id"]): row for row in lake.read("deliveries", "c").to_pylist()} for lake in (native, gke)
    )
    assert ours.keys() == theirs.keys()
    assert len(ours) > 50
    return native, gke, [(ours[key], theirs[key]) for key in ours]


@pytest.mark.parametrize("column", ["state", "node", "attempts", "owner_name", "error_code"])
def test_what_became_of_each_delivery_is_the_same(both: Both, column: str) -> None:
    assert [(row["kind"], row["name"], row[column], other[column]) for row, other in both[2] if row[column] != other[column]] == []


@pytest.mark.parametrize("milestone", ["bound_at", "sandbox_ready_at", "ready_at", "gone_at"])
def test_milestones_are_the_same(both: Both, milestone: str) -> None:
    assert [(row["name"], row[milestone], other[milestone]) for row, other in both[2] if row[milestone] != other[milestone]] == []


def test_a_delivery_starts_when_it_was_asked_for_or_a_little_later(both: Both) -> None:
    starts = [(other["started_at"] - row["started_at"]).total_seconds() for row, other in both[2]]
    assert min(starts) >= 0
    assert sorted(starts)[len(starts) // 2] < 0.5


def test_coverage_says_what_such_a_log_cannot_tell(both: Both) -> None:
    native, gke = ({row["fact"]: row["missing"] for row in lake.read("coverage", "c").to_pylist() if row["rows_seen"]} for lake in both[:2])
    assert "no time of arrival: latencies of API calls" in gke["api_calls"]
    for fact in ("pod_created", "pod_bound", "pod_deleted"):
        assert "say no time of arrival" in gke[fact]
    assert "dry runs count as real" in gke["pod_created"]
    assert not any("no time of arrival" in (missing or "") for missing in native.values())
