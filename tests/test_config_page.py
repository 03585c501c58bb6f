"""The page of settings says what the settings are."""

from __future__ import annotations

from pipelines.config_page import render
from tests.conftest import REPOSITORY


def test_the_page_is_the_settings() -> None:
    page = (REPOSITORY / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert page == render(), "run: python -m pipelines.config_page docs/configuration.md"


def test_every_setting_has_a_meaning() -> None:
    rows = [line for line in render().splitlines() if line.startswith("| `")]
    assert len(rows) > 20
    assert [row for row in rows if row.endswith("|  |")] == []
