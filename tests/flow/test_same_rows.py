"""The same log gives the same rows, however it was cut into files, in whatever order they came and however often it was refreshed.

The sample log is moved so that its 25 minutes lie over midnight of a month: the end of an hour, of a day and of a month.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest
import zstandard

from lake_schema import TABLES
from pipelines.config import Settings
from pipelines.ingest import ingest
from pipelines.lake import Lake
from pipelines.refresh import refresh
from tests.shifted import shifted

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

_SAMPLE = Path(__file__).parents[2] / "sample" / "audit"
_PROVENANCE = {"source_id", "source_line"}
_OF_SERVERS = {"data_quality_hourly", "voices", "log_gaps"}
_DERIVED = [table for table in TABLES.values() if table.zone != "raw"]


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    """The lines of the sample, from 23:49 of the last of November to 00:14."""
    text = b"".join(zstandard.ZstdDecompressor().decompress(path.read_bytes()) for path in sorted(_SAMPLE.glob("*.zst")))
    return shifted(text, timedelta(days=7, hours=16, minutes=47)).splitlines(keepends=True)


def _written(folder: Path, lines: Sequence[bytes], cuts: Sequence[int], names: str) -> list[str]:
    folder.mkdir()
    ends = [*cuts, len(lines)]
    paths = []
    for name, start, end in zip(names, [0, *cuts], ends, strict=True):
        path = folder / f"{name}.log"
        path.write_bytes(b"".join(lines[start:end]))
        paths.append(str(path))
    return paths


def _built(folder: Path, steps: Sequence[Sequence[str]]) -> Lake:
    lake = Lake.open(str(folder))
    for paths in steps:
        ingest(lake, "c", paths, Settings())
        refresh(lake, "c", settings=Settings())
    return lake


def _rows(lake: Path, table: str) -> dict[str, pa.Table]:
    files = sorted((lake / table).rglob("*.parquet"))
    return {str(path.relative_to(lake)): pq.read_table(path, partitioning=None) for path in files}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]) -> Path:
    """A lake built at once from one file."""
    folder = tmp_path_factory.mktemp("whole")
    _built(folder / "lake", [_written(folder / "logs", lines, [], "a")])
    return folder / "lake"


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]) -> Path:
    """A lake built at once from files that were cut at odd places and come in another order."""
    folder = tmp_path_factory.mktemp("cut")
    paths = _written(folder / "logs", lines, [5_000, 5_001, 20_000], "dbca")
    _built(folder / "lake", [paths[::-1]])
    return folder / "lake"


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]) -> Path:
    """A lake that was refreshed after each of several files."""
    folder = tmp_path_factory.mktemp("grown")
    paths = _written(folder / "logs", lines, [9_000, 17_000, 26_000], "abcd")
    _built(folder / "lake", [[path] for path in paths])
    return folder / "lake"


@pytest.fixture(scope="module")
def hourly(tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]) -> Path:
    """A lake that was refreshed hour by hour, the last hour first."""
    folder = tmp_path_factory.mktemp("hourly")
    lake = Lake.open(str(folder / "lake"))
    ingest(lake, "c", _written(folder / "logs", lines, [], "a"), Settings())
    start = datetime(2026, 11, 30, 22, tzinfo=UTC)
    for hour in (2, 0, 1, 2):
        refresh(lake, "c", settings=Settings(), from_at=start + timedelta(hours=hour), to_at=start + timedelta(hours=hour + 1))
    refresh(lake, "c", settings=Settings())
    return folder / "lake"


@pytest.mark.parametrize("table", [table.name for table in _DERIVED])
def test_refreshing_hour_by_hour_equals_one_rebuild(whole: Path, hourly: Path, table: str) -> None:
    assert _comparable(_rows(hourly, table), table) == _comparable(_rows(whole, table), table)


@pytest.mark.parametrize("table", [table.name for table in _DERIVED])
def test_refreshing_as_files_come_equals_one_rebuild(whole: Path, grown: Path, table: str) -> None:
    assert _comparable(_rows(grown, table), table) == _comparable(_rows(whole, table), table)


@pytest.mark.parametrize("table", [table.name for table in _DERIVED])
def test_rows_do_not_depend_on_files(whole: Path, cut: Path, table: str) -> None:
    assert _comparable(_rows(cut, table), table) == _comparable(_rows(whole, table), table)


def _comparable(files: dict[str, pa.Table], table: str) -> dict[str, list[dict[str, object]]]:
    """The rows in their order, without where they were read: measures of single source files and servers speak of nothing else."""
    return {
        path: [
            {name: value for name, value in row.items() if name not in _PROVENANCE}
            for row in rows.to_pylist()
            if table not in _OF_SERVERS or (row["scope"] not in {"source", "server"} and row.get("measure") != "audit_out_of_order")
        ]
        for path, rows in files.items()
    }


def test_a_second_refresh_does_nothing(grown: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in grown.rglob("data.parquet")}
    report = refresh(Lake.open(str(grown)), "c", settings=Settings())
    assert report.built == 0
    assert before == {path: path.stat().st_mtime_ns for path in grown.rglob("data.parquet")}


def test_the_same_input_gives_the_same_bytes(tmp_path: Path, lines: list[bytes]) -> None:
    paths = _written(tmp_path / "logs", lines[:12_000], [6_000], "ab")
    first, second = (_built(tmp_path / name, [paths]) for name in ("first", "second"))
    assert first is not second
    contents = [
        {str(path.relative_to(tmp_path / name)): path.read_bytes() for path in (tmp_path / name).rglob("*.parquet")} for name in ("first", "second")
    ]
    assert contents[0].keys() == contents[1].keys()
    assert [path for path, content in contents[0].items() if content != contents[1][path]] == []
