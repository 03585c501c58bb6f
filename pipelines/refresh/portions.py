"""One sorted stream of rows, handed out partition by partition.

Here: `Portions`. Not here: the query (`batch`) and the files (`pipelines.lake`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa


class Portions:
    """A stream of record batches that is taken in portions of so many rows; nothing is read ahead.

    Args:
        batches: The stream.
    """

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self._batches = batches
        self._rest: pa.RecordBatch | None = None

    def take(self, rows: int) -> Iterator[pa.RecordBatch]:
        """The next `rows` rows; fewer only if the stream ends."""
        while rows > 0:
            batch = self._rest if self._rest is not None else next(self._batches, None)
            if batch is None:
                return
            self._rest = batch.slice(rows) if batch.num_rows > rows else None
            rows -= batch.num_rows
            yield batch if self._rest is None else batch.slice(0, batch.num_rows - self._rest.num_rows)
