"""The settings: what is understood, and how what is not is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipelines.config import load
from pipelines.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


def _load(folder: Path, text: str) -> object:
    path = folder / "lorgnette.yaml"
    path.write_text(text)
    return load(path)


def test_everything_has_a_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load()
    assert (settings.lake, settings.settle_s, settings.filters.stages) == ("lake", 60, ["RequestReceived"])


def test_a_file_says_what_differs(tmp_path: Path) -> None:
    path = tmp_path / "lorgnette.yaml"
    path.write_text(
        "lake: s3://bucket/lake\nclusters:\n  prod:\n    sources:\n      - paths: [/var/log/kubernetes]\nredaction:\n  patterns: ['acme-[0-9]+']\n"
    )
    settings = load(path)
    assert settings.lake == "s3://bucket/lake"
    assert settings.clusters["prod"].sources[0].paths == ["/var/log/kubernetes"]
    assert settings.redaction.patterns == ["acme-[0-9]+"]


def test_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LORGNETTE_LAKE", "/from/environment")
    monkeypatch.setenv("LORGNETTE_INGEST__THREADS", "3")
    path = tmp_path / "lorgnette.yaml"
    path.write_text("lake: /from/file\ningest: {chunk_bytes: 2048}\n")
    settings = load(path)
    assert (settings.lake, settings.ingest.threads, settings.ingest.chunk_bytes) == ("/from/environment", 3, 2048)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lakee: x", "`lakee` is not a setting"),
        ("ingest: {thread: 2}", "`ingest.thread` is not a setting"),
        ("clusters: {prod: {sources: [{paths: []}]}}", "`clusters.prod.sources.0.paths`: list should have at least 1 item"),
        ("ingest: {threads: zero}", "`ingest.threads`: input should be a valid integer"),
        ("redaction: {patterns: ['(']}", "not a regular expression"),
        ("- a\n- b", "must be a mapping"),
        ("a: [", "not YAML"),
    ],
)
def test_what_is_not_understood_is_named_with_the_file(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        _load(tmp_path, text)
    assert message in error.value.what
    assert error.value.where == str(tmp_path / "lorgnette.yaml")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        load(tmp_path / "none.yaml")
