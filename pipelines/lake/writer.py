"""One Parquet file of the lake while it is written: fixed encodings, a digest of its rows, and its footer at the end.

Here: `ParquetFileWriter`. The same rows, row groups and footer give the same bytes. Not here: where the bytes go (`storage`).
"""

from __future__ import annotations

import hashlib
from typing import IO, TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.lake.footers import encode_footer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pipelines.lake.layout import LakeFile

ROW_GROUP_ROWS = 65_536
# Without the Arrow schema, which these types do not need to come back as they were, the footer's keys keep our order.
_DEFAULTS: dict[str, Any] = {"store_schema": False, "compression": "zstd", "compression_level": 3, "version": "2.6", "data_page_version": "1.0"}


class _HashingSink:
    """A file that hashes what goes through it: the pages, as long as the footer has not begun."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.blake2b(digest_size=16)
        self.closed = False
        self.is_abandoned = False

    def write(self, data: bytes) -> int:
        if self.is_abandoned:
            return len(data)
        self._digest.update(data)
        return self._file.write(data)

    def tell(self) -> int:
        return self._file.tell()

    def flush(self) -> None:
        """Nothing: the storage flushes when the file is whole."""

    def close(self) -> None:
        """Nothing: the storage closes the file."""
        self.closed = True

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


class ParquetFileWriter:
    """Writes row groups, then the footer.

    Args:
        file: Where the bytes go.
        schema: The file's schema; tables are cast to it.
        footer: Keys of the footer without prefix; more may be added to `footer` until `finish`.
        options: Options of `pyarrow.parquet.ParquetWriter` beside our defaults.
    """

    def __init__(self, file: IO[bytes], schema: pa.Schema, footer: dict[str, str] | None = None, **options: Any) -> None:  # noqa: ANN401 - handed on to pyarrow
        self._sink = _HashingSink(file)
        self._schema = schema
        self._writer = pq.ParquetWriter(self._sink, schema, **{**_DEFAULTS, **options})
        self.footer: dict[str, str] = dict(footer or {})
        self.rows = 0
        self.file: LakeFile | None = None
        """The file as it was committed; None until then."""

    def write_table(self, table: pa.Table) -> None:
        """Write a table as one row group; a table of no rows writes nothing."""
        if table.num_rows == 0:
            return
        if table.schema != self._schema:
            table = table.select(self._schema.names).cast(self._schema)
        # Page borders follow chunk borders, so a table in one chunk is what repeats byte by byte.
        self._writer.write_table(table.combine_chunks(), row_group_size=max(table.num_rows, 1))
        self.rows += table.num_rows

    def abandon(self) -> None:
        """Let go of the file without writing to it again."""
        self._sink.is_abandoned = True
        self._writer.close()

    def finish(self) -> dict[str, str]:
        """Write the footer with `rows` and `content` (a digest of schema and rows); returns it."""
        schema = hashlib.blake2b(str(self._schema).encode(), digest_size=16).hexdigest()
        self.footer |= {"rows": str(self.rows), "content": _combined(schema, self._sink.hexdigest())}
        self._writer.add_key_value_metadata(encode_footer(self.footer))
        self._writer.close()
        return self.footer


def row_groups(data: pa.Table | Iterable[pa.RecordBatch], schema: pa.Schema, size: int = ROW_GROUP_ROWS) -> Iterator[pa.Table]:
    """Cut data into tables of `size` rows, however the batches come."""
    batches = data.to_batches() if isinstance(data, pa.Table) else data
    pending: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        pending.append(batch)
        rows += batch.num_rows
        while rows >= size:
            table = pa.Table.from_batches(pending)
            yield table.slice(0, size)
            pending = table.slice(size).to_batches()
            rows -= size
    if rows:
        yield pa.Table.from_batches(pending).select(schema.names)


def _combined(*digests: str) -> str:
    return hashlib.blake2b("".join(digests).encode(), digest_size=16).hexdigest()
