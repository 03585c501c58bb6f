"""What a log at lesser levels still tells is the same: the policy of the big clouds logs status patches without their answers, and no Events."""

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

if TYPE_CHECKING:
    from collections.abc import Iterator

_SAMPLE = Path(__file__).parents[2] / "sample" / "audit"
_MILESTONES = ("started_at", "bound_at", "sandbox_ready_at", "ready_at", "deleted_at", "gone_at")
_TOLERANCE_S = 1.0


def _lines() -> Iterator[bytes]:
    for path in sorted(_SAMPLE.glob("*.zst")):
        yield from zstandard.ZstdDecompressor().decompress(path.read_bytes()).splitlines(keepends=True)


def _lowered(line: bytes) -> bytes | None:
    """The line as the reference policy would have logged it, or None."""
    event = json.loads(line)
    target = event.get("objectRef") or {}
    if event["stage"] == "RequestReceived" or target.get("resource") == "events":
        return None
    is_status = target.get("resource") in {"pods", "nodes"} and target.get("subresource") == "status"
    if (is_status and event["verb"] in {"patch", "update"}) or event["verb"] == "deletecollection":
        event.pop("responseObject", None)
        event["level"] = "Request"
    return json.dumps(event, separators=(",", ":")).encode() + b"\n"


def _deliveries(folder: Path, lines: Iterator[bytes]) -> dict[tuple[str, str], dict[str, Any]]:
    folder.mkdir()
    (folder / "audit.log").write_bytes(b"".join(lines))
    lake = Lake.open(str(folder / "lake"))
    ingest(lake, "c", [str(folder / "audit.log")], Settings())
    refresh(lake, "c", settings=Settings(), tables=["pods", "hyper_events", "diagnoses", "verdicts", "deliveries"])
    return {(row["kind"], row["delivery_id"]): row for row in lake.read("deliveries", "c").to_pylist()}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each delivery as the whole log and as the lesser one tells it."""
    folder = tmp_path_factory.mktemp("levels")
    whole = _deliveries(folder / "whole", _lines())
    lesser = _deliveries(folder / "lesser", (line for line in map(_lowered, _lines()) if line))
    assert whole.keys() == lesser.keys()
    return [(whole[key], lesser[key]) for key in whole]


@pytest.mark.parametrize("column", ["state", "settled", "node", "attempts", "left_censored"])
def test_what_became_of_each_delivery_is_the_same(both: list[tuple[dict[str, Any], dict[str, Any]]], column: str) -> None:
    assert [(row["name"], row[column], other[column]) for row, other in both if row[column] != other[column]] == []


@pytest.mark.parametrize("milestone", _MILESTONES)
def test_milestones_are_the_same_to_the_second(both: list[tuple[dict[str, Any], dict[str, Any]]], milestone: str) -> None:
    apart = [
        (row["name"], row[milestone], other[milestone])
        for row, other in both
        if row["kind"] == "pod_create" and not _is_close(row[milestone], other[milestone])
    ]
    assert apart == []


def _is_close(one: Any, other: Any) -> bool:  # noqa: ANN401 - an instant or nothing
    return one is other or (one is not None and other is not None and abs((one - other).total_seconds()) <= _TOLERANCE_S)


def test_most_codes_need_no_events(both: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    explained = [(row["error_code"], other["error_code"]) for row, other in both if row["error_code"]]
    same = sum(one == other for one, other in explained)
    assert same / len(explained) >= 0.9, [pair for pair in explained if pair[0] != pair[1]]
