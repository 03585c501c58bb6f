"""What a person wants to see of a table's partition at a glance: its size, a few numbers, a few small tables.

The numbers and tables are `sql/summaries/<table>__<name>.sql`: a file with the columns `name, value` gives numbers, any other a table.
Here: `summarize`. Not here: how they are shown (Dagster's metadata), and reports over many partitions (`pipelines.reports`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lake_schema import TABLES
from pipelines.partition_queries import Stretch, explained, files_of, queries, read_again, rows, views

if TYPE_CHECKING:
    from datetime import datetime

    from pipelines.lake import Lake

_NUMBERS = {"name", "value"}


@dataclass(frozen=True, slots=True)
class Summary:
    """One table of one cluster over a stretch of time.

    Args:
        rows: Rows in its files.
        files: Its files.
        size_bytes: Bytes of its files.
        open_rows: Rows that a later log line may change.
        url: Where the files are: the folder that holds all of them.
        numbers: By name.
        tables: By title, each a list of rows; a table without rows is left out.
    """

    rows: int
    files: int
    size_bytes: int
    open_rows: int
    url: str
    numbers: dict[str, float] = field(default_factory=dict)
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


def summarize(lake: Lake, cluster: str, table: str, from_at: datetime, to_at: datetime, *, memory_limit: str = "1GB") -> Summary:
    """Look at a table's partitions that the hours from `from_at` to `to_at` (exclusive) touch.

    Raises:
        LorgnetteError: A file of the lake is damaged.
    """
    stretch = Stretch(cluster, from_at, to_at)
    return read_again(lambda: _summarized(lake, table, stretch, memory_limit))


def _summarized(lake: Lake, table: str, stretch: Stretch, memory_limit: str) -> Summary:
    files = files_of(lake, TABLES[table], stretch)
    footers = lake.footers(files).values()
    total, still_open = (sum(int(footer.get(key, 0)) for footer in footers) for key in ("rows", "open"))
    summary = Summary(
        total, len(files), sum(file.size_bytes for file in files), still_open, _common_folder(lake, table, [file.path for file in files])
    )
    wanted = queries("summaries").get(table, ())
    if not wanted or not summary.rows:
        return summary
    with views(lake, stretch, dict.fromkeys(each for query in wanted for each in query.inputs), memory_limit) as con:
        for query in wanted:
            with explained(f"sql/summaries/{query.table}__{query.name}.sql"):
                found = rows(con, query.text)
            if found and found[0].keys() == _NUMBERS:
                summary.numbers.update({row["name"]: float(row["value"]) for row in found if row["value"] is not None})
            elif found:
                summary.tables[query.description.removesuffix(".")] = found
    return summary


def _common_folder(lake: Lake, table: str, paths: list[str]) -> str:
    parts = [path.split("/")[:-1] for path in paths] or [[table]]
    shared = [level[0] for level in zip(*parts, strict=False) if len(set(level)) == 1]
    return lake.native("/".join(shared))
