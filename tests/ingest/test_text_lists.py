"""Lists that come as JSON text: each row has its own again, whatever else the column holds."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.ingest.text_lists import with_lists

_LISTS = st.none() | st.lists(st.none() | st.text(max_size=9), max_size=4)


@given(st.lists(st.lists(_LISTS, max_size=5), max_size=3))
def test_each_row_has_its_list(chunks: list[list[list[str | None] | None]]) -> None:
    texts = [[None if each is None else json.dumps(each) for each in chunk] for chunk in chunks]
    table = pa.table({"no": pa.array(range(sum(map(len, chunks))), pa.int64()), "groups": pa.chunked_array(texts, pa.string())})
    found = with_lists(table, ["groups"])
    found.validate(full=True)
    assert found.schema == pa.schema({"no": pa.int64(), "groups": pa.list_(pa.string())})
    assert found["groups"].to_pylist() == [each for chunk in chunks for each in chunk]


@pytest.mark.parametrize(
    ("text", "expected"),
    [('["a",1,true,{"é":2}]', ["a", "1", "true", '{"é":2}']), ('{"a":1}', None), ("a", None), ("1", None), ("[" * 100_000, None)],
)
def test_what_no_api_server_writes_is_no_accident(text: str, expected: list[str] | None) -> None:
    assert with_lists(pa.table({"groups": [text]}), ["groups"])["groups"].to_pylist() == [expected]
