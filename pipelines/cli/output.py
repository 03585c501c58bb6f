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
from rich.console import Console
from rich.segment import Segment

from pipelines.cli.grid import Column, fixed, folded, grid
from pipelines.errors import LorgnetteError, UsageError
from pipelines.reports import words
from pipelines.serving.plain_rows import json_rows, write_csv

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pyarrow as pa
    from rich.console import ConsoleOptions, RenderableType

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
        UsageError: It cannot.
    """
    if form not in {Format.TABLE, Format.JSON}:
        raise UsageError(
            f"{what} is several tables, so it cannot be {form.value}", remedy="Use -o table or -o json, or `lorgnette sql` for one table."
        )


def show(table: pa.Table, form: Format, title: str | None = None, spare: Sequence[str] = ()) -> None:
    """Print a table to stdout in a format; a terminal without room for all columns leaves out the `spare` ones.

    Raises:
        typer.BadParameter: Parquet was asked for on a terminal.
    """
    match form:
        case Format.TABLE:
            console = out()
            console.print(shown(table, console.width, title, spare))
        case Format.JSON:
            typer.echo(json.dumps(json_rows(table), indent=1, ensure_ascii=False))
        case Format.CSV:
            _write_csv(table)
        case Format.PARQUET:
            _write_parquet(table)


def shown(table: pa.Table, width: int, title: str | None = None, spare: Sequence[str] = ()) -> RenderableType:
    """The rows for people: numbers to the right, seconds and rates in words; `spare` as `grid` has it."""
    rows = [[in_words(name, value) for name, value in row.items()] for row in table.to_pylist()]
    return grid([_column(field) for field in table.schema], rows, width, spare=spare, title=title, header_style="bold")


def _column(field: pa.Field) -> Column:
    from pyarrow import types

    if types.is_integer(field.type) or types.is_floating(field.type) or types.is_decimal(field.type):
        return Column(field.name)
    return fixed(field.name) if types.is_temporal(field.type) or types.is_boolean(field.type) else folded(field.name)


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
            text = words.seconds(value)
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
    return " ".join(calendar if calendar and not nanoseconds else [*calendar, words.seconds(nanoseconds / 1e9)])


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
