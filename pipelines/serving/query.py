"""One query, run: the work of a worker process.

Here: `Desk`, which answers queries one after the other, on connections that are locked before a query runs: a person's own SQL on one of its
own, texts of ours on one that is kept for readers of the same scope, since connecting costs as much as a small query. Not here: what may be asked (`gate`), which rows are there (`scoped`), the process and its limits (`worker`), and who asks (`door`).
"""

from __future__ import annotations

import warnings
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from lake_schema.model import INSTANT
from pipelines.lake.cuts import warm_up
from pipelines.lake.datasets import Datasets
from pipelines.serving import wire
from pipelines.serving.errors import QueryError, too_big, too_long
from pipelines.serving.gate import Admitted, admit
from pipelines.serving.scoped import Tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.serving.limits import Limits
    from pipelines.serving.scope import Scope
    from pipelines.serving.wire import Question, Request, Where

_BATCH_ROWS = 10_000
_MESSAGE_CHARS = 2000
_SETTINGS = ("set timezone = 'UTC'", "set enable_progress_bar = false")
# In this order: once the configuration is locked, nothing more can be set.
_LOCKS = (
    "set temp_directory = ''",
    "set enable_external_access = false",
    "set python_enable_replacements = false",
    "set lock_configuration = true",
)


def _cut(message: str) -> str:
    """A message of DuckDB, which may repeat a whole value."""
    return message if len(message) <= _MESSAGE_CHARS else f"{message[:_MESSAGE_CHARS]}… ({len(message):,} characters)"


class Part(NamedTuple):
    """A part of an answer.

    Args:
        batch: Some rows.
        is_cut: Whether rows after them were cut off.
        place: Which of the questions it answers.
    """

    batch: pa.RecordBatch
    is_cut: bool
    place: int = 0


class ReplacedError(QueryError):
    """A query failed on reading a file, perhaps because it was replaced under it; a fresh listing sees the new one."""


class Desk:
    """Answers queries over one lake, one at a time."""

    def __init__(self, lake_url: str, limits: Limits) -> None:
        self._lake_url = lake_url
        self._limits = limits
        self._datasets: Datasets | None = None
        self._fresh: duckdb.DuckDBPyConnection | None = None
        self._ours: tuple[Scope, duckdb.DuckDBPyConnection] | None = None
        self._verdicts: dict[str, Admitted] = {}

    def warm_up(self) -> None:
        """Run something small once, so that libraries are loaded and their threads are there."""
        with self._connected() as con:
            con.register("warm", ds.dataset(pa.table({"a": [1]})).filter(pc.field("a") > 0))
            con.sql("select a, count(*) from warm group by a").to_arrow_reader(_BATCH_ROWS).read_all()
        warm_up()

    def prepare(self) -> None:
        """Have a connection ready before the next query comes."""
        self._fresh = self._fresh or self._connected()

    def answer(self, request: Request | Where) -> Iterator[Part]:
        """The answers in parts, one question after the other; of each there is at least one, which may be empty.

        Raises:
            QueryError: A query is refused, fails, or reaches a limit.
        """
        return self._of_rows(request) if isinstance(request, wire.Request) else self._of_hours(request)

    def _of_hours(self, where: Where) -> Iterator[Part]:
        self._datasets = self._datasets or Datasets(self._lake_url)
        try:
            hours = self._datasets.hours_holding(where.held, where.clusters, where.windows)
        except OSError as error:
            raise self._replaced(error) from error
        yield Part(pa.record_batch([pa.array(hours, INSTANT)], ["bucket_at"]), is_cut=False)

    def _of_rows(self, request: Request) -> Iterator[Part]:
        kept = self._kept(request.scope) if request.is_ours else None
        con = kept or self._taken()
        is_good = False
        try:
            yield from self._answered(con, request, is_locked=kept is not None)
            is_good = True
        except MemoryError as error:
            raise too_big(self._limits) from error
        except duckdb.Error as error:
            raise self._explained(error) from error
        except pa.ArrowNotImplementedError as error:
            raise QueryError(f"A column is of a type that cannot be handed out: {error}", remedy="Cast it, such as to VARCHAR.") from error
        except OSError as error:
            raise self._replaced(error) from error
        finally:
            if is_good and request.is_ours:
                self._ours = (request.scope, con)
            else:
                con.close()

    def _answered(self, con: duckdb.DuckDBPyConnection, request: Request, *, is_locked: bool) -> Iterator[Part]:
        texts = [question for question in request.questions if isinstance(question, wire.Question)]
        admitted = [self._admitted(con, question.sql, is_ours=request.is_ours) for question in texts]
        self._datasets = self._datasets or Datasets(self._lake_url)
        tables = Tables(con, self._datasets, request)
        tables.register({table for each in admitted for table in each.tables})
        for lock in () if is_locked else _LOCKS:
            con.execute(lock)
        for place, question in enumerate(request.questions):
            if isinstance(question, wire.Rows):
                reader = tables.rows(question)
            else:
                reader = _few_rows(con, question) if request.is_ours else _streamed(con, question)
            # Closed, since what was cut off would keep the connection from the next question.
            with closing(reader):
                for part in self._cut(reader):
                    yield part._replace(place=place)

    def _admitted(self, con: duckdb.DuckDBPyConnection, sql: str, *, is_ours: bool) -> Admitted:
        """The gate's verdict; that on a text of ours is the same whenever it comes again."""
        if not is_ours:
            return admit(con, sql)
        if sql not in self._verdicts:
            self._verdicts[sql] = admit(con, sql)
        return self._verdicts[sql]

    def _taken(self) -> duckdb.DuckDBPyConnection:
        con, self._fresh = self._fresh or self._connected(), None
        return con

    def _kept(self, scope: Scope) -> duckdb.DuckDBPyConnection | None:
        """The locked connection on which queries of ours ran before for readers with the very same scope, if there is one."""
        kept, self._ours = self._ours, None
        if kept is not None and kept[0] != scope:
            kept[1].close()
            return None
        return None if kept is None else kept[1]

    def _cut(self, reader: pa.RecordBatchReader) -> Iterator[Part]:
        """The batches of an answer up to the limits of rows and bytes."""
        rows = size_bytes = 0
        most_rows, most_bytes = self._limits.max_rows, self._limits.max_bytes
        yield Part(pa.RecordBatch.from_pylist([], schema=reader.schema), is_cut=False)
        for batch in reader:
            kept = batch if most_rows is None else batch.slice(0, most_rows - rows)
            rows += batch.num_rows
            size_bytes += batch.nbytes
            is_cut = (most_rows is not None and rows > most_rows) or (most_bytes is not None and size_bytes > most_bytes)
            yield Part(kept, is_cut)
            if is_cut:
                return

    def _connected(self) -> duckdb.DuckDBPyConnection:
        limits = self._limits
        config: dict[str, str | bool | int | float | list[str]] = {"memory_limit": limits.memory_limit}
        if limits.threads is not None:
            config["threads"] = limits.threads
        if limits.timeout_s is not None:
            config["max_execution_time"] = max(1, int(limits.timeout_s * 1000))
        con = duckdb.connect(config=config)
        for setting in _SETTINGS:
            con.execute(setting)
        return con

    def _explained(self, error: duckdb.Error) -> QueryError:
        if isinstance(error, duckdb.InterruptException):
            return too_long(self._limits)
        if isinstance(error, duckdb.OutOfMemoryException):
            return too_big(self._limits)
        if isinstance(error, duckdb.IOException) or "Parquet" in str(error) or "No such file" in str(error):
            return self._replaced(error)
        return QueryError(f"The query fails: {_cut(str(error))}", remedy="Correct it; `describe TABLE` lists a table's columns.")

    def _replaced(self, error: Exception) -> ReplacedError:
        """The error of a file that is not what it was; nothing that was known of the lake's files counts any more."""
        if self._datasets is not None:
            self._datasets.close()
            self._datasets = None
        return ReplacedError(
            f"The query fails on reading the lake: {error}",
            remedy="Run it again; if it fails again, a file of the lake is damaged: `lorgnette status` names it.",
        )


def _streamed(con: duckdb.DuckDBPyConnection, question: Question) -> pa.RecordBatchReader:
    """The rows of a query as they come: there may be more than anybody will see."""
    relation = con.sql(question.sql, params=question.params)
    if relation is None:
        raise QueryError("The query gives no rows", remedy="Write one SELECT.")
    return relation.to_arrow_reader(_BATCH_ROWS)


def _few_rows(con: duckdb.DuckDBPyConnection, question: Question) -> pa.RecordBatchReader:
    """The rows of a text of ours: planned once, where a relation is planned twice, which is a fifth of what such a query costs."""
    with warnings.catch_warnings():
        # It says that the rows are copied once more: they are those of a page.
        warnings.simplefilter("ignore", UserWarning)
        return con.execute(question.sql, question.params).to_arrow_reader(_BATCH_ROWS)
