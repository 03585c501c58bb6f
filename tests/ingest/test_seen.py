"""The set of keys that were met."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipelines.ingest.seen import SeenKeys


@given(st.lists(st.lists(st.integers(0, 40), max_size=30), max_size=12))
def test_a_key_is_new_once_whatever_the_batches(batches: list[list[int]]) -> None:
    seen, known = SeenKeys(), set[int]()
    for batch in batches:
        expected = [key not in known and key not in batch[:place] for place, key in enumerate(batch)]
        assert seen.first(np.array(batch, np.uint64)).tolist() == expected
        known.update(batch)
