"""docs/shapes.md names each shape once, and nothing that is none."""

from __future__ import annotations

import re
from pathlib import Path

from pipelines.sources import SHAPES

_PAGE = Path(__file__).parents[2] / "docs" / "shapes.md"


def test_the_page_has_a_row_for_each_shape() -> None:
    rows = re.findall(r"^\| `(\w+(?:/…)?)` \|", _PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted({re.sub("/.*", "/…", shape.name) for shape in SHAPES})


def test_it_says_what_wrappers_hold() -> None:
    inner = {shape.name.partition("/")[2] for shape in SHAPES} - {""}
    sentence = re.search(r"`…` is what the wrapper holds: (.*)\.", _PAGE.read_text(encoding="utf-8"))
    assert sentence is not None
    assert set(re.findall(r"`(\w+)`", sentence[1])) == inner
