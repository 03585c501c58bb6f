"""How a result is shown: a table for people, JSON, CSV or Parquet for programs.

Here: `show` and the consoles. Results go to stdout, everything else to stderr. Not here: what is shown (`commands`).
"""

from __future__ import annotations

import json
import re
import sys
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

import typer
from rich.console import Console, Group
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from pipelines.errors import LorgnetteError
from pipelines.serving.plain_rows import json_rows, write_csv

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa
    from rich.console import ConsoleOptions, RenderableType

_MINUTE_S = 60
_HOUR_S = 3600
# What is left of a column narrower than this cannot be read.
_LEGIBLE, _BETWEEN = 6, 2
# All but tabs and line ends.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Format(StrEnum):
    """What a result can be shown as."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"


class _Console(Console):
    """A console that shows that there are control characters, and never sends them to the terminal: anybody may write them into a log."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """What is printed, piece by piece."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(_CONTROLS.sub("\ufffd", segment.text), segment.style)


def out() -> Console:
    """Where results go. Made anew each time, since tests and pipes change what stdout is."""
    # A pipe has no width; 160 columns keep a row on one line.
    return _Console(width=None if sys.stdout.isatty() else 160, highlight=False)


def err() -> Console:
    """Where progress, hints and errors go."""
    return _Console(stderr=True, highlight=False)


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
            console = out()
            console.print(rich_table(table, title) if _fits(table, console.width) else _records(table, title))
        case Format.JSON:
            typer.echo(json.dumps(json_rows(table), indent=1, ensure_ascii=False))
        case Format.CSV:
            _write_csv(table)
        case Format.PARQUET:
            _write_parquet(table)


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


def _fits(table: pa.Table, width: int) -> bool:
    """Whether the columns can stand side by side and still be read."""
    return sum(min(len(name), _LEGIBLE) + _BETWEEN for name in table.column_names) <= width


def _records(table: pa.Table, title: str | None) -> Group:
    """The rows one below the other, each column on a line of its own."""
    parts: list[RenderableType] = [] if title is None else [Text(title, style="bold")]
    for number, row in enumerate(table.to_pylist(), start=1):
        record = Table(
            title=f"row {number:,}",
            title_justify="left",
            title_style="bold",
            show_header=False,
            box=None,
            pad_edge=False,
            padding=(0, _BETWEEN, 0, 0),
        )
        for name, value in row.items():
            record.add_row(Text(name), Text(in_words(name, value), overflow="fold"))
        parts.append(record)
    return Group(*parts)


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
        case tuple((key, of_key)):
            text = f"{in_words('', key)}: {in_words(name, of_key)}"
        case dict():
            text = ", ".join(f"{key}: {in_words(key, each)}" for key, each in value.items())
        case _:
            text = interval(*value) if isinstance(value, tuple) else str(value)
    return text


def interval(months: int, days: int, nanoseconds: int) -> str:
    """An interval of DuckDB's, which does not know how long its months and days are."""
    calendar = [f"{number} {unit}" for number, unit in ((months, "months"), (days, "days")) if number]
    return " ".join(calendar if calendar and not nanoseconds else [*calendar, seconds(nanoseconds / 1e9)])


def seconds(value: float) -> str:
    """A duration: 0.034 s, 12.3 s, 4 min 05 s, 2 h 10 min."""
    if abs(value) < 1:
        return f"{value:.3f} s"
    if abs(value) < _MINUTE_S:
        return f"{value:.1f} s"
    if abs(value) < _HOUR_S:
        return f"{int(value // _MINUTE_S)} min {int(value % _MINUTE_S):02d} s"
    return f"{int(value // _HOUR_S)} h {int(value % _HOUR_S // _MINUTE_S):02d} min"


def _write_csv(table: pa.Table) -> None:
    sys.stdout.flush()
    write_csv(table, sys.stdout.buffer)
    sys.stdout.buffer.flush()


def _write_parquet(table: pa.Table) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if sys.stdout.isatty():
        raise typer.BadParameter("Parquet is not for a terminal; send it to a file: ... -o parquet > result.parquet")
    sys.stdout.flush()
    try:
        pq.write_table(table, sys.stdout.buffer, compression="zstd")
    except pa.ArrowNotImplementedError as error:
        raise LorgnetteError(f"Parquet cannot hold a column: {error}", remedy="Cast it; of an interval, epoch(...) gives the seconds.") from error
    sys.stdout.buffer.flush()
