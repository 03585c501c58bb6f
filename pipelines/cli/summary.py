"""What a lake says at a glance: deliveries, success rates, slow phases, errors.

Here: reading and showing it. Not here: the queries (`sql/summary`) and the report (`pipelines.reports`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer

from pipelines.cli.output import Format, json_rows, out, rich_table
from pipelines.errors import LorgnetteError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

_PARTS = {"deliveries": "Deliveries", "rates": "Success rates", "slow_phases": "Where the time goes", "top_errors": "Errors"}


def show_summary(lake_url: str, clusters: Sequence[str], namespace: str | None, form: Format) -> None:
    """Print the summary of some clusters.

    Raises:
        LorgnetteError: The format cannot hold several tables.
    """
    if form not in {Format.TABLE, Format.JSON}:
        raise LorgnetteError(
            f"A summary is several tables, so it cannot be {form.value}", remedy="Use -o table or -o json, or `lorgnette sql` for one table."
        )
    parts = {name: _part(lake_url, name, clusters, namespace) for name in _PARTS}
    if form is Format.JSON:
        typer.echo(json.dumps({name: json_rows(table) for name, table in parts.items()}, indent=1, ensure_ascii=False))
        return
    console = out()
    for name, table in parts.items():
        console.print()
        console.print(rich_table(table, _PARTS[name]) if table.num_rows else f"{_PARTS[name]}: none")


def _part(lake_url: str, name: str, clusters: Sequence[str], namespace: str | None) -> pa.Table:
    from pipelines import sql_files
    from pipelines.serving.query import Limits, run_query

    sql = (sql_files.folder() / "summary" / f"{name}.sql").read_text(encoding="utf-8")
    return run_query(lake_url, sql, Limits(), clusters, {"namespace": namespace}).table
