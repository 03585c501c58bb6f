"""From what the user names to files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import fsspec
import pytest

from pipelines.sources import discover, open_source

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
    return [(found.uri.removeprefix(f"{folder}/"), found.is_explicit) for found in discover(paths)]


def test_a_folder_is_read_recursively_in_order_without_hidden_files(folder: Path) -> None:
    assert _names(folder, str(folder)) == [("a.log", False), ("b.log", False), ("deep/er/c.log", False)]


def test_a_file_is_explicit_and_has_its_size(folder: Path) -> None:
    [found] = discover([str(folder / "deep" / ".." / "a.log")])
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
    assert len(discover([str(folder)])) == 3


@pytest.fixture
def remote() -> Iterator[str]:
    system = fsspec.filesystem("memory")
    system.pipe({"/bucket/a.log": b"12345", "/bucket/deep/b.log": b"1"})
    yield "memory://bucket"
    system.rm("/bucket", recursive=True)


def test_a_bucket_is_a_folder_too(remote: str) -> None:
    found = discover([remote])
    assert [(each.uri, each.size_bytes) for each in found] == [("memory:///bucket/a.log", 5), ("memory:///bucket/deep/b.log", 1)]
    with open_source(found[0].uri) as file:
        assert file.read() == b"12345"


@pytest.mark.parametrize(("path", "count"), [("/a.log", 1), ("/*.log", 1), ("/**/*.log", 2)])
def test_a_bucket_has_files_and_patterns(remote: str, path: str, count: int) -> None:
    found = discover([remote + path])
    assert [each.problem for each in found] == [None] * count


@pytest.mark.parametrize("path", ["memory://bucket/none.log", "memory://bucket/*.none"])
def test_what_is_not_in_the_bucket_is_named(remote: str, path: str) -> None:
    assert remote
    assert discover([path])[0].problem is not None
