"""The guarded read-only query: the same for the command line, HTTP and notebooks.

Here: `run_query`, a plain function of plain values, so that a worker process can run it under limits of its own. Not here: what may
be asked (`gate`), and who may ask (HTTP).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from pipelines.lake import Lake
from pipelines.serving.errors import QueryError
from pipelines.serving.gate import admit
from pipelines.serving.limits import Limits, QueryResult

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pipelines.serving.gate import Admitted

_BATCH_ROWS = 10_000
_AGAIN_S = 0.05
# In this order: once the configuration is locked, nothing more can be set.
_LOCKS = (
    "set temp_directory = ''",
    "set enable_external_access = false",
    "set python_enable_replacements = false",
    "set lock_configuration = true",
)


def run_query(
    lake_url: str,
    sql: str,
    limits: Limits,
    clusters: Sequence[str] | None = None,
    params: Mapping[str, object] | None = None,
) -> QueryResult:
    """Answer one query over the lake's tables.

    Args:
        lake_url: The lake.
        sql: One SELECT over tables of the lake.
        limits: What it may use.
        clusters: The clusters whose rows it sees; all if left out.
        params: Values of the query's `$name` parameters.

    Raises:
        QueryError: The query is refused, fails, or reaches a limit.
    """
    admitted = admit(sql)
    lake = Lake.open(lake_url)
    try:
        return _answer(lake, admitted, limits, clusters, params)
    except (FileNotFoundError, _ReplacedError):
        # A file was replaced or removed after it was listed; a fresh listing sees the new one.
        return _answer(lake, admitted, limits, clusters, params)
    finally:
        lake.close()


class _ReplacedError(QueryError):
    """A query failed on reading a file, perhaps because it was replaced under it."""


def _answer(lake: Lake, admitted: Admitted, limits: Limits, clusters: Sequence[str] | None, params: Mapping[str, object] | None) -> QueryResult:
    con = duckdb.connect(config=_config(limits))
    try:
        con.execute("set timezone = 'UTC'")
        con.execute("set enable_progress_bar = false")
        for table in admitted.tables:
            con.register(table, lake.dataset(table, clusters))
        for lock in _LOCKS:
            con.execute(lock)
        return _interruptible(con, lambda: _fetched(con.sql(admitted.sql, params=params), limits))
    except duckdb.Error as error:
        raise _explained(error, limits) from error
    finally:
        con.close()


def _interruptible(con: duckdb.DuckDBPyConnection, work: Callable[[], QueryResult]) -> QueryResult:
    """Do the work on another thread: an Arrow reader does not look at signals, and so could not be stopped from here."""
    with ThreadPoolExecutor(1) as pool:
        # Its thread runs before there is work: an interrupt that comes while it starts would else wait for the query's end.
        pool.submit(int).result()
        future = pool.submit(work)
        try:
            return future.result()
        except KeyboardInterrupt:
            # One that comes just before the query starts is lost on it.
            while not wait([future], _AGAIN_S).done:
                con.interrupt()
            raise


def _config(limits: Limits) -> dict[str, str | bool | int | float | list[str]]:
    config: dict[str, str | bool | int | float | list[str]] = {"memory_limit": limits.memory_limit}
    if limits.threads is not None:
        config["threads"] = limits.threads
    if limits.timeout_s is not None:
        config["max_execution_time"] = int(limits.timeout_s * 1000)
    return config


def _fetched(relation: duckdb.DuckDBPyRelation | None, limits: Limits) -> QueryResult:
    if relation is None:
        raise QueryError("The query gives no rows", remedy="Write one SELECT.")
    reader = relation.to_arrow_reader(_BATCH_ROWS)
    batches: list[pa.RecordBatch] = []
    rows = size_bytes = 0
    for batch in reader:
        batches.append(batch)
        rows += batch.num_rows
        size_bytes += batch.nbytes
        if (limits.max_rows is not None and rows > limits.max_rows) or (limits.max_bytes is not None and size_bytes > limits.max_bytes):
            break
    table = pa.Table.from_batches(batches, reader.schema)
    kept = table if limits.max_rows is None else table.slice(0, limits.max_rows)
    is_too_big = limits.max_bytes is not None and size_bytes > limits.max_bytes
    return QueryResult(kept, is_cut=kept.num_rows < rows or is_too_big)


def _explained(error: duckdb.Error, limits: Limits) -> QueryError:
    if isinstance(error, duckdb.InterruptException):
        return QueryError(f"The query took longer than {limits.timeout_s:g} s", remedy="Narrow it by time or cluster, or aggregate an hourly table.")
    if isinstance(error, duckdb.OutOfMemoryException):
        return QueryError(
            f"The query needs more than {limits.memory_limit} of memory", remedy="Narrow it by time or cluster, or select fewer columns."
        )
    if isinstance(error, duckdb.IOException) or "Parquet" in str(error) or "No such file" in str(error):
        return _ReplacedError(
            f"The query fails on reading the lake: {error}",
            remedy="Run it again; if it fails again, a file of the lake is damaged: `lorgnette status` names it.",
        )
    return QueryError(f"The query fails: {error}", remedy="Correct it; `describe TABLE` lists a table's columns.")
