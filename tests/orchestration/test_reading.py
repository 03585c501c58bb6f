"""Which settings count, which clusters there are, and which days changed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from pipelines.config import Source
from pipelines.errors import ConfigError
from pipelines.orchestration.reading import SAMPLE_CLUSTER, SAMPLE_DAY, days_digests, known_clusters, settings_or_sample, sources_digest
from pipelines.orchestration.resources import CONFIG_VARIABLE, FIRST_DAY_VARIABLE, LakeResource, first_day
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
        return sources_digest([Source(paths=[str(tmp_path / "*.log")])])

    assert digest() == ""
    (tmp_path / "audit.log").write_text("1")
    first = digest()
    assert digest() == first
    (tmp_path / "audit.log").rename(tmp_path / "audit-1.log")
    second = digest()
    (tmp_path / "audit-1.log").write_text("12")
    assert len({first, second, digest()}) == 3


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
