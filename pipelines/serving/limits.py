"""What one query may use, and what comes back.

Here: plain values that the caller and the worker process share. Not here: holding a query to them (`query`, `worker`, `workers`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.serving.errors import RefusedError

if TYPE_CHECKING:
    import pyarrow as pa


_MAX_SQL_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may use.

    Args:
        memory_limit: DuckDB's memory; nothing spills to disk.
        timeout_s: Wall-clock time; no limit if None.
        threads: DuckDB's threads; as many as there are cores if None.
        max_rows: Rows of the answer; more are cut off. All if None.
        max_bytes: Bytes of the answer in memory; more are cut off. All if None.
    """

    memory_limit: str = "1GB"
    timeout_s: float | None = 60.0
    threads: int | None = None
    max_rows: int | None = 10_000
    max_bytes: int | None = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The answer, and whether rows were cut off."""

    table: pa.Table
    is_cut: bool


def check_size(sql: str) -> None:
    """Refuse a query that is too long to be looked at.

    Raises:
        RefusedError: It is.
    """
    size = len(sql.encode(errors="surrogatepass"))
    if size > _MAX_SQL_BYTES:
        raise RefusedError(f"The query is {size:,} bytes long; the limit is {_MAX_SQL_BYTES:,}", remedy="Join a table instead of listing values.")
