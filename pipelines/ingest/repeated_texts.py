"""Texts that repeat from row to row (a thousand rows hold some thirty user agents and a hundred annotations): what becomes of them is asked once for each distinct one.

Here: `with_lists` and `with_hidden_texts`. Not here: what is hidden (`sql/ingest/_redaction.sql`), and bodies, which hardly repeat.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from lake_schema.model import TEXTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipelines.ingest.prepared import Queries

# A query gives texts for people as they were logged under names with this prefix, which no table has: they cannot be stored by mistake.
_AS_LOGGED = "logged_"
_NOTES, _AGENT, _FLAG = "annotations", "user_agent", "is_truncated"
_TRUNCATED = '"audit.k8s.io/truncated":"true"'


def with_hidden_texts(queries: Queries, parsed: pa.Table) -> pa.Table:
    """The table with texts for people, their secrets hidden, in the place of those as they were logged, and with what they tell."""
    names = [name.removeprefix(_AS_LOGGED) for name in parsed.column_names if name.startswith(_AS_LOGGED)]
    if not names:
        return parsed
    encoded = {name: parsed[f"{_AS_LOGGED}{name}"].combine_chunks().dictionary_encode() for name in names}
    queries.hand("texts_as_logged", pa.table({"text": pa.chunked_array([each.dictionary for each in encoded.values()])}))
    hidden, start = queries.run("texts")["text"], 0
    for name, each in encoded.items():
        texts = {name: hidden.slice(start, len(each.dictionary))}
        start += len(each.dictionary)
        if name == _NOTES:
            texts[_FLAG] = pc.match_substring(each.dictionary, _TRUNCATED)
        elif name == _AGENT:
            texts["actor"] = pc.list_element(pc.split_pattern(texts[name], " ", max_splits=1), 0)
        for column, values in texts.items():
            taken = values.take(each.indices)
            parsed = parsed.append_column(column, pc.fill_null(taken, fill_value=False) if column == _FLAG else taken)
    return parsed.drop_columns([f"{_AS_LOGGED}{name}" for name in names])


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
