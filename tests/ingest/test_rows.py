"""Rows that are chosen in several steps are those that the same masks leave of a table."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pipelines.ingest.rows import Rows, joined

_ROWS = st.lists(st.tuples(st.text(max_size=20) | st.none(), st.booleans(), st.booleans()), min_size=1, max_size=12)


def _chosen(rows: list[tuple[str | None, bool, bool]]) -> tuple[Rows, list[str | None]]:
    """Rows by two masks, one after the other, and the bodies that are left."""
    table = pa.table({"body": pa.array([body for body, _, _ in rows], pa.string()), "no": range(len(rows))})
    first = Rows.of(table, pa.chunked_array([[is_first for _, is_first, _ in rows]]))
    left = [(body, is_second) for body, is_first, is_second in rows if is_first]
    return first.only(np.array([is_second for _, is_second in left], bool)), [body for body, is_second in left if is_second]


def _length(bodies: list[str | None]) -> int:
    return sum(len((body or "").encode()) for body in bodies)


@given(st.lists(_ROWS, min_size=1, max_size=3))
def test_nothing_is_lost_or_mixed_up(tables: list[list[tuple[str | None, bool, bool]]]) -> None:
    chosen, expected = zip(*map(_chosen, tables), strict=True)
    for rows, bodies in zip(chosen, expected, strict=True):
        held = rows.held()
        assert rows.taken()["body"].to_pylist() == held.column("body").to_pylist() == bodies
        # What waits for being written holds little else.
        assert 0.75 * _length(held.table["body"].to_pylist()) <= _length(bodies)
    together = joined([rows.held() for rows in chosen])
    assert len(together) == len(together.column("no"))
    assert together.taken()["body"].to_pylist() == [body for bodies in expected for body in bodies]
