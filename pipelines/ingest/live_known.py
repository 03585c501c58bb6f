"""What the lake holds of a cluster from earlier live sources: so that a List repeats nothing, and shows what is gone.

Both follow from the raw tables themselves; there is no other state. A day (UTC) begins anew: its first List stores everything again, so that
no day depends on rows that retention may have taken. Here: `Known`. Not here: asking the cluster (`pipelines.sources.live`).
"""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Self

import duckdb
import pyarrow as pa

from lake_schema import TABLES
from pipelines import sql_files
from pipelines.sources.live import deleted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from types import TracebackType

    import numpy as np
    from numpy.typing import NDArray

    from pipelines.lake import Lake
    from pipelines.sources.live import Listed

SCHEME = "k8s://"
_TABLES = ("objects", "k8s_events")
_ONE_DAY = timedelta(days=1)


@cache
def _query(name: str) -> str:
    return (sql_files.folder() / "live" / f"{name}.sql").read_text(encoding="utf-8")


class Known:
    """The rows of a cluster's live sources of today and yesterday. Use it as a context manager.

    Args:
        lake: The lake.
        cluster: The cluster's name.
        at: Now.
    """

    def __init__(self, lake: Lake, cluster: str, at: datetime) -> None:
        self._con = duckdb.connect(config={"threads": 1})
        self._con.execute("set timezone = 'UTC'")
        lake.attach(self._con)
        day_at = at.replace(hour=0, minute=0, second=0, microsecond=0)
        self._con.execute("set variable day_at = $1", [day_at])
        committed = _live_files(lake, cluster, day_at - _ONE_DAY)
        for name in _TABLES:
            paths = [lake.native(file.path) for file in lake.files(name, cluster) if file.path in committed]
            self._create_view(name, paths)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._con.close()

    def keys(self) -> NDArray[np.uint64]:
        """Keys of the lines that are stored already."""
        return self._con.sql(_query("known_lines")).to_arrow_table()["key"].to_numpy()  # type: ignore[no-any-return]  # pyarrow ships no types

    def gone(self, listed: Listed) -> Iterator[bytes]:
        """For each object that a List does not hold any more the frame that a watch would have sent."""
        for name, value in (("kind", listed.target.resource.kind), ("namespace", listed.target.namespace), ("listed_at", listed.observed_at)):
            self._con.execute(f"set variable {name} = $1", [value])
        self._con.register("listed", pa.table({"uid": pa.array(listed.names, pa.string())}))
        self._con.register("gone", self._con.sql(_query("gone")).to_arrow_table())
        # Bodies are most of the bytes: only those that are needed are read.
        bodies = self._con.sql("select body from objects semi join gone using (source_id, source_line, item) order by body")
        for body in bodies.to_arrow_table()["body"].to_pylist():
            yield deleted(body, listed.observed_at)

    def uid_of(self, kind: str, name: str) -> str | None:
        """The UID that an object of this name had when it was last seen."""
        query = "select arg_max(uid, observed_at) from objects where kind = $kind and name = $name"
        row = self._con.execute(query, {"kind": kind, "name": name}).fetchone()
        return row[0] if row else None

    def _create_view(self, name: str, paths: list[str]) -> None:
        table = TABLES[name]
        select = table.duckdb_empty()
        if paths:
            self._con.execute(f"set variable {name}_files = $1", [paths])
            select = table.duckdb_files(f"getvariable('{name}_files')")
        self._con.execute(f"create temp view {name} as {select}")


def _live_files(lake: Lake, cluster: str, since: datetime) -> set[str]:
    ledger = lake.read("sources", cluster, columns=["uri", "last_at", "raw_files"]).to_pylist()
    rows = (row for row in ledger if row["uri"].startswith(SCHEME) and row["last_at"] is not None and row["last_at"] >= since)
    return {path for row in rows for path in row["raw_files"]}
