"""From what the user names to files."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import fsspec
import pytest

from pipelines.sources import Blocks, Selection, Span, discover, opened
from pipelines.sources.discover import BY_PATTERN
from pipelines.sources.when import BY_FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.log", "a.log", "deep/er/c.log", ".hidden", "deep/.git/config"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"12345")
    return tmp_path


def _names(folder: Path, *paths: str) -> list[tuple[str, bool]]:
    return [(found.uri.removeprefix(f"{folder}/"), found.is_explicit) for found in discover(paths).files]


def test_a_folder_is_read_recursively_in_order_without_hidden_files(folder: Path) -> None:
    assert _names(folder, str(folder)) == [("a.log", False), ("b.log", False), ("deep/er/c.log", False)]


def test_a_file_is_explicit_and_has_its_size(folder: Path) -> None:
    [found] = discover([str(folder / "deep" / ".." / "a.log")]).files
    assert (found.uri, found.size_bytes, found.is_explicit, found.problem) == (str(folder / "a.log"), 5, True, None)


def test_patterns_reach_into_folders(folder: Path) -> None:
    assert _names(folder, f"{folder}/**/*.log") == [("a.log", False), ("b.log", False), ("deep/er/c.log", False)]


def test_each_file_comes_once(folder: Path) -> None:
    assert _names(folder, str(folder / "a.log"), str(folder)) == [("a.log", True), ("b.log", False), ("deep/er/c.log", False)]


def test_a_name_with_brackets_is_a_name_first(folder: Path) -> None:
    (folder / "a[1].log").write_bytes(b"x")
    assert _names(folder, str(folder / "a[1].log")) == [("a[1].log", True)]


def test_paths_are_relative_to_the_working_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert _names(folder, "a.log") == [("a.log", True)]


def test_a_link_back_is_not_followed_for_ever(folder: Path) -> None:
    (folder / "deep" / "loop").symlink_to(folder)
    assert len(discover([str(folder)]).files) == 3


def test_a_link_to_a_folder_whose_name_starts_alike_is_followed(folder: Path) -> None:
    (folder / "deeper").mkdir()
    (folder / "deeper" / "link").symlink_to(folder / "deep")
    assert ("deeper/link/er/c.log", False) in _names(folder, str(folder))


def test_what_is_included_and_excluded_is_counted(folder: Path) -> None:
    found = discover([str(folder)], Selection(include=["*.log"], exclude=["deep/**"]))
    assert [each.below for each in found.files] == ["a.log", "b.log"]
    assert found.skipped == {BY_PATTERN: 1}


def test_files_that_a_shell_named_are_excluded_too(folder: Path) -> None:
    found = discover([str(folder / "a.log"), str(folder / "b.log")], Selection(exclude=["b.*"]))
    assert [each.below for each in found.files] == ["a.log"]


@pytest.mark.parametrize("way", ["{folder}/lake", "{folder}/link"])
def test_a_lake_among_the_logs_is_not_looked_into_whichever_way_it_is_named(folder: Path, way: str) -> None:
    (folder / "lake" / "sources").mkdir(parents=True)
    (folder / "lake" / "sources" / "x.parquet").touch()
    (folder / "link").symlink_to(folder / "lake")
    assert len(discover([str(folder)], apart=[way.format(folder=folder)]).files) == 3


def test_a_clusters_name_and_dates_are_filled_in(tmp_path: Path) -> None:
    for day in ("21", "22", "23"):
        (tmp_path / "prod" / "2026" / "11" / day).mkdir(parents=True)
        (tmp_path / "prod" / "2026" / "11" / day / "a.log").write_text("x")
    span = Span(datetime(2026, 11, 22, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC))
    template = f"{tmp_path}/{{cluster}}/%Y/%m/%d/"
    assert len(discover([template], cluster="prod").files) == 3
    found = discover([template], Selection(span=span, lag=timedelta()), cluster="prod")
    assert [each.uri for each in found.files] == [f"{tmp_path}/prod/2026/11/22/a.log"]
    assert found.skipped == {BY_FOLDER: 2}
    assert discover([template], cluster="other").files[0].problem == "No file matches this pattern"


def test_dates_count_below_what_was_named_only(tmp_path: Path) -> None:
    file = tmp_path / "2020" / "01" / "01" / "a.log"
    file.parent.mkdir(parents=True)
    file.write_text("x")
    selection = Selection(span=Span(datetime(2026, 11, 22, tzinfo=UTC)))
    assert len(discover([str(file.parent)], selection).files) == 1
    assert discover([str(tmp_path)], selection).skipped == {BY_FOLDER: 1}


def test_a_file_url_is_a_path(folder: Path) -> None:
    assert _names(folder, f"file://{folder}/a.log") == [("a.log", True)]


def test_a_pipe_in_a_folder_is_left_alone_and_a_named_one_has_a_remedy(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    assert len(discover([str(folder)]).files) == 3
    [found] = discover([str(folder / "pipe")]).files
    assert (found.problem, found.remedy) == ("Not a regular file", "Pipe it in: `lorgnette ingest - < FILE`.")


@pytest.fixture
def remote() -> Iterator[str]:
    system = fsspec.filesystem("memory")
    system.pipe({"/bucket/a.log": b"12345", "/bucket/deep/b.log": b"1"})
    yield "memory://bucket"
    system.rm("/bucket", recursive=True)


def test_a_bucket_is_a_folder_too(remote: str) -> None:
    found = discover([remote]).files
    assert [(each.uri, each.size_bytes) for each in found] == [("memory:///bucket/a.log", 5), ("memory:///bucket/deep/b.log", 1)]
    with Blocks() as blocks:
        assert opened(found[0], blocks).file.read() == b"12345"


@pytest.mark.parametrize(("path", "count"), [("/a.log", 1), ("/*.log", 1), ("/**/*.log", 2)])
def test_a_bucket_has_files_and_patterns(remote: str, path: str, count: int) -> None:
    found = discover([remote + path]).files
    assert [each.problem for each in found] == [None] * count


@pytest.mark.parametrize("path", ["memory://bucket/none.log", "memory://bucket/*.none"])
def test_what_is_not_in_the_bucket_is_named(remote: str, path: str) -> None:
    assert remote
    assert discover([path]).files[0].problem is not None
