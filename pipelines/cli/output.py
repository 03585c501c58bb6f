"""How a result is shown: a table for people, JSON, CSV or Parquet for programs.

Here: `show` and the consoles. Results go to stdout, everything else to stderr. Not here: what is shown (`commands`).
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipelines.errors import LorgnetteError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

_INSTANT = "%Y-%m-%dT%H:%M:%SZ"
_MINUTE_S = 60
_HOUR_S = 3600


class Format(StrEnum):
    """What a result can be shown as."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"


def out() -> Console:
    """Where results go. Made anew each time, since tests and pipes change what stdout is."""
    # A pipe has no width; 160 columns keep a row on one line.
    return Console(width=None if sys.stdout.isatty() else 160, highlight=False)


def err() -> Console:
    """Where progress, hints and errors go."""
    return Console(stderr=True, highlight=False)


def check_several_tables(form: Format, what: str) -> None:
    """Refuses a format that cannot hold several tables.

    Raises:
        LorgnetteError: It cannot.
    """
    if form not in {Format.TABLE, Format.JSON}:
        raise LorgnetteError(
            f"{what} is several tables, so it cannot be {form.value}", remedy="Use -o table or -o json, or `lorgnette sql` for one table."
        )


def show(table: pa.Table, form: Format, title: str | None = None) -> None:
    """Print a table to stdout in a format.

    Raises:
        typer.BadParameter: Parquet was asked for on a terminal.
    """
    match form:
        case Format.TABLE:
            out().print(rich_table(table, title))
        case Format.JSON:
            typer.echo(json.dumps(json_rows(table), indent=1, ensure_ascii=False))
        case Format.CSV:
            _write_csv(table)
        case Format.PARQUET:
            _write_parquet(table)


def json_rows(table: pa.Table) -> list[dict[str, Any]]:
    """The rows as JSON knows them; instants in ISO 8601."""
    return [{name: _json(value) for name, value in row.items()} for row in table.to_pylist()]


def rich_table(table: pa.Table, title: str | None = None) -> Table:
    """The rows as a table for people: numbers to the right, seconds and rates in words."""
    from pyarrow import types

    shown = Table(title=title, title_justify="left", title_style="bold", header_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for field in table.schema:
        is_number = types.is_integer(field.type) or types.is_floating(field.type) or types.is_decimal(field.type)
        shown.add_column(Text(field.name), justify="right" if is_number else "left", overflow="fold")
    for row in table.to_pylist():
        # Text, not markup: values come from logs and may hold brackets.
        shown.add_row(*(Text(in_words(name, value)) for name, value in row.items()))
    return shown


def in_words(name: str, value: object) -> str:
    """One value for people, by its column's name: `_s` are seconds, `_rate` are shares."""
    match value:
        case None:
            text = "-"
        case datetime():
            text = value.strftime("%Y-%m-%d %H:%M:%S")
        case bool():
            text = "yes" if value else "no"
        case int() | Decimal():
            text = f"{value:,}"
        case float() if name.endswith("_s"):
            text = seconds(value)
        case float():
            text = f"{100 * value:.2f} %" if name.endswith("rate") else f"{value:,.4g}"
        case list():
            text = ", ".join(in_words(name, each) for each in value)
        case _:
            text = str(value)
    return text


def seconds(value: float) -> str:
    """A duration: 0.034 s, 12.3 s, 4 min 05 s, 2 h 10 min."""
    if abs(value) < 1:
        return f"{value:.3f} s"
    if abs(value) < _MINUTE_S:
        return f"{value:.1f} s"
    if abs(value) < _HOUR_S:
        return f"{int(value // _MINUTE_S)} min {int(value % _MINUTE_S):02d} s"
    return f"{int(value // _HOUR_S)} h {int(value % _HOUR_S // _MINUTE_S):02d} min"


def _json(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, list):
        return [_json(each) for each in value]
    if isinstance(value, dict):
        return {key: _json(each) for key, each in value.items()}
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _write_csv(table: pa.Table) -> None:
    from pyarrow import csv

    columns = [_csv_column(column) for column in table.columns]
    sys.stdout.flush()
    csv.write_csv(_renamed(columns, table.column_names), sys.stdout.buffer)
    sys.stdout.buffer.flush()


def _renamed(columns: Sequence[pa.ChunkedArray], names: Sequence[str]) -> pa.Table:
    import pyarrow as pa

    return pa.table(list(columns), names=list(names))


def _csv_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Instants in ISO 8601, and whatever CSV has no word for as JSON."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import types

    if types.is_timestamp(column.type) and column.type.tz:
        return pc.strftime(column, _INSTANT)
    if types.is_nested(column.type):
        return pa.chunked_array(
            [[None if value is None else json.dumps(_json(value), ensure_ascii=False) for value in column.to_pylist()]], pa.string()
        )
    return column


def _write_parquet(table: pa.Table) -> None:
    import pyarrow.parquet as pq

    if sys.stdout.isatty():
        raise typer.BadParameter("Parquet is not for a terminal; send it to a file: ... -o parquet > result.parquet")
    sys.stdout.flush()
    pq.write_table(table, sys.stdout.buffer, compression="zstd")
    sys.stdout.buffer.flush()
