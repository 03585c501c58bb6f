"""Texts in another order are what they were, however short, long or missing, and however they lie in memory."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pipelines.ingest.text_views import texts_at

_TEXT = st.none() | st.sampled_from(["", "a", "x" * 12, "y" * 13, "é" * 9]) | st.text(max_size=30)
_CHUNK = st.tuples(st.lists(_TEXT, max_size=6), st.integers(0, 6))


@given(st.lists(_CHUNK, max_size=4), st.data())
def test_texts_are_found_at_their_places(chunks: list[tuple[list[str | None], int]], data: st.DataObject) -> None:
    texts = pa.chunked_array([pa.array(each, pa.string()).slice(min(start, len(each))) for each, start in chunks], pa.string())
    places = data.draw(st.lists(st.integers(0, len(texts) - 1), max_size=8)) if len(texts) else []
    found = texts_at(texts, np.array(places, np.int64))
    found.validate(full=True)
    assert found.to_pylist() == [texts[place].as_py() for place in places]
