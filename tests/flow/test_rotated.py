"""A log that is read while it grows, and again when it was rotated, and again when it was compressed, tells nothing twice."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from lake_schema import TABLES
from pipelines.config import Settings
from pipelines.ingest import ingest
from pipelines.lake import Lake
from pipelines.refresh import refresh
from tests.orchestration.logs import sample_lines

if TYPE_CHECKING:
    from pathlib import Path

# Where a row was read, and how many rows the raw tables have, doubled ones too.
_OF_RAW = {"source_id", "source_line", "rows_seen", "rows_with_body"}
_MEASURES_OF_RAW = {"audit_rows", "event_rows", "audit_duplicates_across_sources"}
_DERIVED = [table.name for table in TABLES.values() if table.zone != "raw"]
_OF_SERVERS = {"data_quality_hourly", "voices", "log_gaps"}
_ROTATED = "audit-2026-11-23T07-05-00.000.log"


def _read(lake: Lake, folder: Path) -> None:
    ingest(lake, "c", [str(folder)], Settings())
    refresh(lake, "c", settings=Settings())


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake of the log as it was at the end, read once."""
    folder = tmp_path_factory.mktemp("once")
    (folder / "logs").mkdir()
    (folder / "logs" / _ROTATED).write_bytes(sample_lines(0, 1500))
    (folder / "logs" / "audit.log").write_bytes(sample_lines(1500, 500))
    lake = Lake.open(folder / "lake")
    _read(lake, folder / "logs")
    return lake


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake that was refreshed at every turn of the log's life."""
    folder = tmp_path_factory.mktemp("watched")
    logs, lake = folder / "logs", Lake.open(folder / "lake")
    logs.mkdir()
    log = logs / "audit.log"
    for lines in (1000, 1500):
        log.write_bytes(sample_lines(0, lines))
        _read(lake, logs)
    log.rename(logs / _ROTATED)
    log.write_bytes(sample_lines(1500, 500))
    _read(lake, logs)
    # While it is compressed, both are there.
    (logs / f"{_ROTATED}.gz").write_bytes(gzip.compress((logs / _ROTATED).read_bytes()))
    _read(lake, logs)
    (logs / _ROTATED).unlink()
    _read(lake, logs)
    return lake


@pytest.mark.parametrize("table", _DERIVED)
def test_every_turn_of_a_logs_life_tells_the_same(once: Lake, watched: Lake, table: str) -> None:
    assert _rows(watched, table) == _rows(once, table)


def test_the_doubled_lines_are_counted_as_duplicates(once: Lake, watched: Lake) -> None:
    def doubled(lake: Lake) -> float:
        rows = lake.read("data_quality_hourly", "c").to_pylist()
        return sum(row["value"] for row in rows if row["scope"] == "cluster" and row["measure"] == "audit_duplicates_across_sources")

    assert doubled(once) == 0
    assert doubled(watched) == lake_rows(once, _ROTATED)


def lake_rows(lake: Lake, name: str) -> int:
    """The lines of a source that became rows."""
    return sum(row["kept"] for row in lake.read("sources", "c").to_pylist() if row["uri"].endswith(name))


def _rows(lake: Lake, table: str) -> list[dict[str, object]]:
    """What a table says of the cluster, and not of its sources."""
    return [
        {name: value for name, value in row.items() if name not in _OF_RAW}
        for row in lake.read(table, "c").to_pylist()
        if table not in _OF_SERVERS or (row["scope"] not in {"source", "server"} and row.get("measure") not in _MEASURES_OF_RAW)
    ]
