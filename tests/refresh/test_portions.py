"""Portions of a stream hold the rows that the stream has, in its order, however the batches come."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pipelines.refresh.portions import Portions

if TYPE_CHECKING:
    from collections.abc import Iterator

_SIZES = st.lists(st.integers(0, 12), max_size=12)


def _batch(first: int, rows: int) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({"number": list(range(first, first + rows))})


@given(batches=_SIZES, portions=_SIZES)
def test_portions_are_the_stream_cut_by_rows(batches: list[int], portions: list[int]) -> None:
    ends = [0, *accumulate(batches)]
    stream = Portions(iter([_batch(first, rows) for first, rows in zip(ends, batches, strict=False)]))
    taken = [[number for batch in stream.take(rows) for number in batch.column("number").to_pylist()] for rows in portions]
    starts = [0, *accumulate(portions)]
    assert taken == [list(range(ends[-1]))[start : start + rows] for start, rows in zip(starts, portions, strict=False)]


def test_nothing_is_read_that_is_not_asked_for() -> None:
    read: list[int] = []

    def batches() -> Iterator[pa.RecordBatch]:
        for number in range(3):
            read.append(number)
            yield _batch(number, 1)

    list(Portions(batches()).take(2))
    assert read == [0, 1]
