"""Which settings count, which clusters there are, and which days changed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from pipelines.config import Cluster, Source
from pipelines.errors import ConfigError
from pipelines.ingest.configured import wanted_span
from pipelines.orchestration.reading import (
    SAMPLE_CLUSTER,
    SAMPLE_DAY,
    days_digests,
    known_clusters,
    read_sources,
    settings_or_sample,
    sources_digest,
)
from pipelines.orchestration.resources import CONFIG_VARIABLE, FIRST_DAY_VARIABLE, LakeResource, first_day
from tests.orchestration.logs import sample_lines
from tests.raw_rows import at, put_source

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.lake import Lake
    from tests.orchestration.conftest import Site


def test_without_any_settings_the_sample_is_the_only_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert list(settings_or_sample("").clusters) == [SAMPLE_CLUSTER]


def test_settings_of_the_working_folder_count(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(site.folder)
    assert list(settings_or_sample("").clusters) == ["east", "west"]


def test_the_variable_names_the_settings(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CONFIG_VARIABLE, str(site.config))
    with LakeResource().opened() as opened:
        assert opened.lake.url == f"{site.folder}/lake"


def test_settings_that_are_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"), LakeResource(config=str(tmp_path / "none.yaml")).opened():
        pass


def test_clusters_that_only_the_lake_has_come_last(site: Site) -> None:
    put_source(site.lake(), "filled-by-hand", "s", [at(0)])
    assert known_clusters(site.lake(), site.settings) == ["east", "west", "filled-by-hand"]


def test_only_days_whose_files_changed_have_another_digest(lake: Lake) -> None:
    put_source(lake, "c", "s", [at(0), at(24), at(48)])
    before = days_digests(lake, "c")
    assert list(before) == ["2026-11-23", "2026-11-24", "2026-11-25"]
    put_source(lake, "c", "late", [at(24)])
    after = days_digests(lake, "c")
    assert {day for day in after if after[day] != before[day]} == {"2026-11-24"}


def test_a_digest_of_files_tells_names_sizes_and_times(tmp_path: Path) -> None:
    def digest() -> str:
        return sources_digest([Source(paths=[str(tmp_path / "*.log")])], "c", date(2026, 11, 23))

    assert digest() == ""
    (tmp_path / "audit.log").write_text("1")
    first = digest()
    assert digest() == first
    (tmp_path / "audit.log").rename(tmp_path / "audit-1.log")
    second = digest()
    (tmp_path / "audit-1.log").write_text("12")
    assert len({first, second, digest()}) == 3


def test_a_digest_is_of_the_files_that_a_run_would_read(tmp_path: Path) -> None:
    def digest(source: Source) -> str:
        return sources_digest([source], "c", date(2026, 11, 23), str(tmp_path / "c" / "lake"))

    for name in ("2026-11-22/new.log", "2026-10-01/old.log", "2026-11-22/notes.txt", "lake/x.parquet"):
        (tmp_path / "c" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "c" / name).write_text("1")
    everything = Source(paths=[f"{tmp_path}/{{cluster}}/"])
    recent = Source(paths=everything.paths, include=["*.log"], last_days=3)
    before = digest(everything), digest(recent)
    (tmp_path / "c" / "2026-10-01" / "old.log").write_text("12")
    (tmp_path / "c" / "2026-11-22" / "notes.txt").write_text("12")
    (tmp_path / "c" / "lake" / "x.parquet").write_text("12")
    assert digest(recent) == before[1]
    assert digest(everything) != before[0]
    (tmp_path / "c" / "2026-11-22" / "new.log").write_text("12")
    assert digest(recent) != before[1]


@pytest.mark.parametrize(
    ("last_days", "days", "expected"),
    [
        (None, None, (None, None)),
        (3, None, ("2026-11-20", None)),
        (3, ("2026-11-21", "2026-11-23"), ("2026-11-20", None)),
        (1, ("2026-11-21", "2026-11-23"), ("2026-11-21", None)),
        (3, ("2026-06-01", "2026-06-02"), ("2026-06-01", "2026-06-03")),
    ],
)
def test_a_run_reads_the_last_days_and_a_backfill_its_own(
    last_days: int | None, days: tuple[str, str] | None, expected: tuple[str | None, str | None]
) -> None:
    wanted = (date.fromisoformat(days[0]), date.fromisoformat(days[1])) if days else None
    found = wanted_span(Source(paths=["x"], last_days=last_days), date(2026, 11, 23), wanted)
    assert tuple(each and each.date().isoformat() for each in found) == expected


def test_a_backfill_of_days_without_logs_is_no_failure(site: Site) -> None:
    (site.folder / "logs" / "east" / "2026-11-01").mkdir(parents=True)
    (site.folder / "logs" / "east" / "2026-11-01" / "audit.log").write_bytes(sample_lines(0, 10))
    source = Source(paths=[f"{site.folder}/logs/east"], last_days=1)
    settings = site.settings.model_copy(update={"clusters": {"east": Cluster(sources=[source])}})
    [report] = read_sources(site.lake(), "east", settings, date(2026, 11, 23), (date(2026, 6, 1), date(2026, 6, 1)))
    assert (report.sources, report.skipped.total()) == ([], 1)


def test_the_first_day_is_as_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FIRST_DAY_VARIABLE, "2026-10-01")
    assert first_day() == date(2026, 10, 1)


def test_a_first_day_that_is_none_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FIRST_DAY_VARIABLE, "last week")
    with pytest.raises(ConfigError, match="'last week' is no day"):
        first_day()


def test_the_sample_has_partitions_however_old_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FIRST_DAY_VARIABLE)
    monkeypatch.chdir(tmp_path)
    assert first_day() <= SAMPLE_DAY
