"""Paths with dates and globs, and the globs that include and exclude."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipelines.errors import ConfigError
from pipelines.sources.templates import NameFilter, Pattern


def test_what_comes_before_the_first_choice_is_the_base() -> None:
    assert Pattern("logs/prod/%Y/%m/%d/").base == "logs/prod"
    assert Pattern("logs/*/a.gz").base == "logs"
    assert Pattern("logs/prod/").base == "logs/prod"


def test_percent_signs_are_dates_only_with_a_year() -> None:
    assert Pattern("logs/a%20b/%d0%b0.log").is_plain
    assert not Pattern("logs/%Y/a%20b.log").is_plain


def test_a_dated_folder_means_all_below_it() -> None:
    pattern = Pattern("logs/%Y/%m/%d/")
    assert pattern.matches("logs/2026/11/23/07/a.gz")
    assert not pattern.matches("logs/2026/11/latest/a.gz")
    assert [pattern.leads_on(folder) for folder in ("logs/2026", "logs/old", "logs/2026/11/23/07")] == [True, False, True]


@pytest.mark.parametrize(
    ("path", "first", "length"),
    [
        ("logs/2026", datetime(2026, 1, 1, tzinfo=UTC), timedelta(days=365)),
        ("logs/2026/11", datetime(2026, 11, 1, tzinfo=UTC), timedelta(days=30)),
        ("logs/2026/11/23-07", datetime(2026, 11, 23, 7, tzinfo=UTC), timedelta(hours=1)),
        ("logs/2026/11/23-07/x/a.gz", datetime(2026, 11, 23, 7, tzinfo=UTC), timedelta(hours=1)),
    ],
)
def test_a_template_says_what_date_a_folder_has(path: str, first: datetime, length: timedelta) -> None:
    found = Pattern("logs/%Y/%m/%d-%H/").dates(path)
    assert found is not None
    assert (found.first, found.end - found.first) == (first, length)


def test_a_date_may_be_in_a_files_name_and_twice_in_a_path() -> None:
    pattern = Pattern("logs/%Y/audit-%Y.%m.%d*.log")
    assert pattern.matches("logs/2026/audit-2026.11.23-1.log")
    assert not pattern.matches("logs/2025/audit-2026.11.23-1.log")
    assert (found := pattern.dates("logs/2026/audit-2026.11.23-1.log")) is not None
    assert found.first == datetime(2026, 11, 23, tzinfo=UTC)


def test_a_template_below_any_folders_dates_files() -> None:
    pattern = Pattern("logs/**/%Y-%m-%d/*.gz")
    assert (found := pattern.dates("logs/a/b/2026-11-23/x.gz")) is not None
    assert found.first == datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("include", "exclude", "admitted"),
    [
        ([], [], ["a.log", "x/b.log.gz", "x/tmp/c.log"]),
        (["*.log"], [], ["a.log", "x/tmp/c.log"]),
        (["*.log", "*.gz"], ["tmp/*"], ["a.log", "x/b.log.gz", "x/tmp/c.log"]),
        ([], ["**/tmp/**"], ["a.log", "x/b.log.gz"]),
        (["x/*"], [], ["x/b.log.gz"]),
        (["/a.log"], [], ["a.log"]),
        (["?.log"], ["[b-z].log"], ["a.log"]),
    ],
)
def test_files_are_included_and_excluded_by_name_or_path(include: list[str], exclude: list[str], admitted: list[str]) -> None:
    names = NameFilter(include, exclude)
    assert [each for each in ("a.log", "x/b.log.gz", "x/tmp/c.log") if names.admits(each)] == admitted


def test_a_glob_that_is_none_names_the_remedy() -> None:
    with pytest.raises(ConfigError, match="remedy: `\\*\\*` stands for any folders"):
        NameFilter(["a**b"], [])
