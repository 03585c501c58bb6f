"""Long texts in another order without copying them: Arrow's string views point into the buffers that hold the texts already.

Arrow's own `take` writes strings anew (and cannot take views), which for bodies costs as much as half of writing them to Parquet. Here: `texts_at`. Not here: what is long (`raw_files`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A view as Arrow's format has it: up to 12 bytes are in the view itself, of longer texts the first four.
_VIEW = np.dtype([("length", "<i4"), ("start", "<u4"), ("buffer", "<i4"), ("offset", "<i4")])
_INLINE_BYTES = 12


def texts_at(texts: pa.ChunkedArray, places: NDArray[np.int64]) -> pa.Array:
    """The texts at these places, as views."""
    views = [np.zeros(0, _VIEW)]
    buffers: list[pa.Buffer | None] = []
    for chunk in texts.chunks:
        array = chunk.cast(pa.string_view())
        found = np.frombuffer(array.buffers()[1], _VIEW, len(array), array.offset * _VIEW.itemsize).copy()
        found["buffer"] += np.where(found["length"] > _INLINE_BYTES, len(buffers), 0).astype(np.int32)
        views.append(found)
        buffers += array.buffers()[2:]
    is_valid = texts.is_valid().combine_chunks().take(pa.array(places))
    taken = np.concatenate(views)[places]
    return pa.Array.from_buffers(pa.string_view(), len(places), [is_valid.buffers()[1], pa.py_buffer(taken), *buffers])
