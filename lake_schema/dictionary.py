"""The data dictionary: every table and column in Markdown, as `docs/data-dictionary.md` has it.

Run `python -m lake_schema.dictionary docs/data-dictionary.md` after a change; a test compares the two. Not here: the tables.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from lake_schema import TABLES

if TYPE_CHECKING:
    from lake_schema.model import Column, Table

_INTRODUCTION = """# Data dictionary

Generated from `lake_schema/`. Instants are UTC and end in `_at`, seconds end in `_s`, milliseconds in `_ms`, rates lie in [0, 1].
Files are `<lake>/<table>/cluster=<c>/date=YYYY-MM-DD/hour=HH/*.parquet`, as deep as the grain.

| table | zone | grain | one row is |
|---|---|---|---|
"""


def render() -> str:
    """The whole dictionary as Markdown."""
    overview = "".join(f"| [`{table.name}`](#{table.name}) | {table.zone} | {table.grain} | {table.description} |\n" for table in TABLES.values())
    return _INTRODUCTION + overview + "".join(_section(table) for table in TABLES.values())


def _section(table: Table) -> str:
    head = f"\n## {table.name}\n\n{table.description}\n\nZone `{table.zone}`, grain `{table.grain}`"
    head += f", partitioned by `{table.instant}`" if table.instant else ""
    head += f". Key: {', '.join(f'`{name}`' for name in table.primary_key)}.\n\n| column | type | null | meaning |\n|---|---|---|---|\n"
    return head + "".join(_row(column) for column in table.columns)


def _row(column: Column) -> str:
    nullable = "yes" if column.nullable else ""
    meaning = column.description.replace("|", "\\|")
    return f"| `{column.name}` | {column.duckdb_type.lower()} | {nullable} | {meaning} |\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render(), encoding="utf-8")
