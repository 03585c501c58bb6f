"""Retention: what is old goes, what says so stays, and what was made of it is frozen."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipelines.config import Settings
from pipelines.errors import ConfigError
from pipelines.lake.retention import expire
from pipelines.refresh import refresh
from tests.raw_rows import at, put_ledger, put_source
from tests.refresh.sql_folder import small_flow

if TYPE_CHECKING:
    from pipelines.lake import Lake

DAYS = {"raw": 1}


def test_partitions_go_when_all_of_them_is_old_enough(lake: Lake) -> None:
    put_source(lake, "c", "s", [at(0), at(1), at(2)])
    expired = expire(lake, "c", DAYS, at(24 + 2))
    assert expired.files == {"audit_events": 2}
    assert expired.size_bytes > 0
    assert [file.bucket_at for file in lake.files("audit_events", "c")] == [at(2)]


def test_a_dry_run_only_says_it(lake: Lake) -> None:
    put_source(lake, "c", "s", [at(0)])
    assert expire(lake, "c", DAYS, at(100), dry_run=True).files == {"audit_events": 1}
    assert len(lake.files("audit_events", "c")) == 1


def test_other_clusters_and_zones_without_days_are_kept(lake: Lake) -> None:
    put_source(lake, "c", "s", [at(0)])
    put_source(lake, "other", "s", [at(0)])
    assert expire(lake, "c", {}, at(10_000)).files == {}
    expire(lake, "c", DAYS, at(100))
    assert len(lake.files("audit_events", "other")) == 1


def test_the_ledger_stays_and_the_quarantine_goes_with_its_source(lake: Lake) -> None:
    for source, hour in (("old", 0), ("new", 99)):
        put_ledger(lake, "c", source, [], "d", [at(hour)])
        path = lake.partition_path("quarantine", "c", None, f"{source}.parquet")
        Path(lake.native(path)).parent.mkdir(parents=True, exist_ok=True)
        Path(lake.native(path)).write_bytes(Path(lake.native(lake.files("sources", "c")[0].path)).read_bytes())
    expire(lake, "c", DAYS, at(100))
    assert [file.file_name for file in lake.files("quarantine", "c")] == ["new.parquet"]
    assert len(lake.files("sources", "c")) == 2


def test_what_was_computed_stays_as_it_is(lake: Lake, tmp_path: Path) -> None:
    flow = small_flow(tmp_path / "sql")
    put_source(lake, "c", "s", [at(hour) for hour in range(4)])
    refresh(lake, "c", settings=Settings(), graph=flow)
    before = lake.read("coverage", "c")
    expire(lake, "c", DAYS, at(24 + 2))
    report = refresh(lake, "c", settings=Settings(), graph=flow)
    assert report.tables["coverage"].frozen > 0
    assert report.tables["coverage"].built == 0
    assert lake.read("coverage", "c") == before


def test_derived_tables_may_go_too_but_not_before_the_raw_ones(lake: Lake, tmp_path: Path) -> None:
    put_source(lake, "c", "s", [at(0)])
    refresh(lake, "c", settings=Settings(), graph=small_flow(tmp_path / "sql"))
    with pytest.raises(ConfigError, match="timeline would be removed before the raw tables"):
        expire(lake, "c", {"raw": 7, "timeline": 1}, at(10_000))
    with pytest.raises(ConfigError, match="slo would be removed"):
        expire(lake, "c", {"slo": 1}, at(10_000))
    expired = expire(lake, "c", {"raw": 7, "timeline": 7, "slo": 30}, at(0) + timedelta(days=8))
    assert set(expired.files) == {"audit_events", "coverage"}
