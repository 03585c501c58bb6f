"""Questions to a lake in this process: what a worker process would answer, without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from pipelines.serving.limits import Limits
from pipelines.serving.query import Desk
from pipelines.serving.scope import Scope
from pipelines.serving.wire import Question, Request

if TYPE_CHECKING:
    from pipelines.lake import Lake


def ask(lake: Lake, sql: str, cluster: str = "sample") -> list[dict[str, Any]]:
    """The rows of an answer over one cluster."""
    scope = Scope((cluster,), namespaces=None, may_read_bodies=True)
    return pa.Table.from_batches([part.batch for part in Desk(lake.url, Limits()).answer(Request((Question(sql),), scope))]).to_pylist()
