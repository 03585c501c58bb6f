"""The data dictionary says what the schema says."""

from __future__ import annotations

from pathlib import Path

from lake_schema import TABLES
from lake_schema.dictionary import render

_DICTIONARY = Path(__file__).parents[2] / "docs" / "data-dictionary.md"


def test_the_dictionary_is_the_schemas() -> None:
    assert _DICTIONARY.read_text(encoding="utf-8") == render(), "run: python -m lake_schema.dictionary docs/data-dictionary.md"


def test_every_column_has_its_row() -> None:
    text = render()
    assert all(f"| `{column.name}` |" in text for table in TABLES.values() for column in table.columns)
