"""What goes between a door and its worker processes, over a socket that only they hold.

Here: the messages. Towards the worker they are pickled, since values of a query may be of any type; what a worker says is never
unpickled, for a query has run there. Not here: who sends them when (`worker`, `workers`).
"""

from __future__ import annotations

import json
import pickle
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from pipelines.errors import LorgnetteError
from pipelines.serving.errors import LimitError, QueryError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from multiprocessing.connection import Connection

    from pipelines.lake.cuts import Cut
    from pipelines.lake.held import Held
    from pipelines.serving.limits import Limits
    from pipelines.serving.scope import Scope

READY, BATCH, NEXT, AGAIN, END = b"r", b"b", b"n", b"a", b"e"
_KINDS: dict[str, type[LorgnetteError]] = {kind.__name__: kind for kind in (LorgnetteError, QueryError, RefusedError, LimitError)}


class Question(NamedTuple):
    """One query, with the values of its parameters."""

    sql: str
    params: Mapping[str, object] | None = None


class Rows(NamedTuple):
    """The rows of a table that is cut, as they are: what needs no query is spared the planning of one.

    Args:
        table: The table.
        columns: Its columns.
        order: By which of them the rows are sorted; nulls are last.
        last: So many rows, the last first; all in their order if None.
    """

    table: str
    columns: tuple[str, ...]
    order: tuple[str, ...]
    last: int | None = None


class Request(NamedTuple):
    """What is asked, by whom.

    Args:
        questions: What is answered one after the other, over one listing of the files.
        scope: What the reader may see.
        windows: Only partitions that one of these touches are opened; all if None.
        cuts: Of these tables only these rows are read; all others do not matter to any of the queries.
        is_ours: Whether the queries are texts of ours, so that they come again and again; a person's own SQL never is.
    """

    questions: tuple[Question | Rows, ...]
    scope: Scope
    windows: tuple[tuple[datetime, datetime], ...] | None = None
    cuts: tuple[Cut, ...] = ()
    is_ours: bool = False


class Where(NamedTuple):
    """Which hours may hold something is asked; the answer is one column, `bucket_at`, the newest first.

    Args:
        held: What is looked for.
        clusters: Where; everywhere if None.
        windows: Only partitions that one of these touches are looked at; all if None.
    """

    held: Held
    clusters: tuple[str, ...] | None = None
    windows: tuple[tuple[datetime, datetime], ...] | None = None


class Setup(NamedTuple):
    """What a worker process is told once."""

    lake_url: str
    limits: Limits


class End(NamedTuple):
    """How an answer ended.

    Args:
        is_fit: Whether the process may take another query.
        error: Why there is no answer, if there is none.
    """

    is_fit: bool
    error: LorgnetteError | None


def send_pickled(link: Connection, value: Setup | Request | Where) -> None:
    """Tell a worker something."""
    link.send_bytes(pickle.dumps(value))


def receive_pickled(link: Connection) -> Any:  # noqa: ANN401 - what the parent sends
    """What a worker was told.

    Raises:
        EOFError: The other side is closed.
    """
    return pickle.loads(link.recv_bytes())  # noqa: S301 - from the parent, over a socket that only it holds


def send_batch(link: Connection, batch: pa.RecordBatch) -> None:
    """Send some rows, as an Arrow stream of their own."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    link.send_bytes(BATCH + sink.getvalue().to_pybytes())


def read_batches(content: memoryview) -> pa.Table:
    """The rows of a message."""
    return pa.ipc.open_stream(pa.py_buffer(content)).read_all()


def send_next(link: Connection, *, is_cut: bool) -> None:
    """Say that the answer to one of several questions is complete."""
    link.send_bytes(NEXT + (b"1" if is_cut else b"0"))


def read_next(content: bytes) -> bool:
    """Whether rows of that answer were cut off."""
    return content == b"1"


def send_end(link: Connection, end: End) -> None:
    """Say how an answer ended."""
    error = end.error
    said = None if error is None else {"kind": _kind(error), "what": error.what, "where": error.where, "remedy": error.remedy}
    link.send_bytes(END + json.dumps({"is_fit": end.is_fit, "error": said}).encode(errors="surrogatepass"))


def read_end(content: bytes) -> End:
    """How an answer ended."""
    said = json.loads(content)
    error = said["error"]
    return End(
        is_fit=said["is_fit"],
        error=None if error is None else _KINDS[error["kind"]](error["what"], where=error["where"], remedy=error["remedy"]),
    )


def _kind(error: LorgnetteError) -> str:
    """The kind of an error that the other side knows: its own, or the nearest above."""
    return next(kind.__name__ for kind in type(error).__mro__ if kind.__name__ in _KINDS)
