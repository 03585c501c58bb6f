"""Lists that a query left as JSON, such as a user's groups: few differ, so each is read once, where DuckDB would read and copy that of every row.

Here: `with_lists`. Not here: which columns hold lists (`lake_schema`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow as pa

from lake_schema.model import TEXTS

if TYPE_CHECKING:
    from collections.abc import Iterable


def with_lists(table: pa.Table, names: Iterable[str]) -> pa.Table:
    """The table with a list in the place of each text in these columns; of what is no list, null."""
    for name in names:
        at = table.column_names.index(name)
        table = table.set_column(at, name, pa.chunked_array([_lists(chunk) for chunk in table[name].chunks], TEXTS))
    return table


def _lists(texts: pa.StringArray) -> pa.ListArray:
    encoded = texts.dictionary_encode()
    return pa.array([_elements(text) for text in encoded.dictionary.to_pylist()], TEXTS).take(encoded.indices)


def _elements(text: str) -> list[str | None] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return [_text(each) for each in found] if isinstance(found, list) else None


def _text(element: object) -> str | None:
    return element if element is None or isinstance(element, str) else json.dumps(element, separators=(",", ":"), ensure_ascii=False)
