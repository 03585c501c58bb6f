"""The README shows what `make run` prints, not what it once printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

_BEFORE = "`make run` ends with:"


def test_the_readme_shows_what_make_run_prints(lake_path: Path) -> None:
    """Widths differ, so lines are compared as words; an ellipsis leaves lines out."""
    shown = (REPOSITORY / "README.md").read_text(encoding="utf-8").partition(_BEFORE)[2].split("```")[1]
    printed = " ".join((lake_path.parent / "run.txt").read_text().split()).replace("out.html", "report.html")
    parts = [" ".join(part.split()) for part in shown.split("…")]
    assert len(parts) > 1
    for part in parts:
        assert part in printed
