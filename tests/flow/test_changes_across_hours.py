"""What changes in place is seen as a change whatever hour the version before it lies in.

The sample log is moved so that its pods are created before eight and changed after it. Not here: each kind of change
(`tests/sql/hyper_events.changes.yaml`).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import zstandard

from pipelines.config import Settings
from pipelines.ingest import ingest
from pipelines.lake import Lake
from pipelines.refresh import refresh
from tests.shifted import shifted

if TYPE_CHECKING:
    from collections.abc import Sequence

_SAMPLE = Path(__file__).parents[2] / "sample" / "audit"
_EIGHT = datetime(2026, 11, 23, 8, tzinfo=UTC)
# The first ten minutes hold both changes, and the nine minutes after which the failed one is given up.
_LINES = 23_000
_WANTED = ["pods", "hyper_events", "diagnoses", "verdicts", "deliveries"]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first part of the sample, with 07:03:00 moved to 08:00:00."""
    path = tmp_path_factory.mktemp("log") / "audit.log"
    text = b"".join(zstandard.ZstdDecompressor().decompress(each.read_bytes()) for each in sorted(_SAMPLE.glob("*.zst")))
    path.write_bytes(b"".join(shifted(text, timedelta(minutes=57)).splitlines(keepends=True)[:_LINES]))
    return path


def _upgrades(folder: Path, log: Path, hours: Sequence[int]) -> list[dict[str, Any]]:
    """The upgrades after refreshing hour by hour; `hours` are relative to eight, none refreshes all at once."""
    lake = Lake.open(str(folder))
    ingest(lake, "c", [str(log)], Settings())
    for hour in hours:
        at = _EIGHT + timedelta(hours=hour)
        refresh(lake, "c", settings=Settings(), tables=_WANTED, from_at=at, to_at=at + timedelta(hours=1))
    refresh(lake, "c", settings=Settings(), tables=_WANTED)
    rows = [row for row in lake.read("deliveries", "c").to_pylist() if row["kind"] == "pod_upgrade"]
    return sorted(rows, key=lambda row: str(row["name"]))


def test_a_change_whose_earlier_version_lies_in_an_earlier_hour_is_an_upgrade(tmp_path: Path, log: Path) -> None:
    at_once = _upgrades(tmp_path / "at once", log, [])
    assert [(row["name"], row["changes"], row["state"], row["error_code"]) for row in at_once] == [
        ("catalog-1", ["image"], "delivered", None),
        ("catalog-2", ["image"], "failed", "ImageNotFound"),
    ]
    assert [row["started_at"].hour for row in at_once] == [8, 8]
    assert _upgrades(tmp_path / "last hour first", log, [0, -1]) == at_once
