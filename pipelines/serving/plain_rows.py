"""Rows as programs read them: JSON values and CSV, the same from the command line and over HTTP.

Not here: tables for people (`pipelines.cli.output`), and which form is asked for.
"""

from __future__ import annotations

import json
import math
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import BinaryIO

    import pyarrow as pa

_INSTANT = "%Y-%m-%dT%H:%M:%SZ"


def json_rows(table: pa.Table) -> list[dict[str, Any]]:
    """The rows as JSON knows them; instants in ISO 8601."""
    return [{name: json_value(value) for name, value in row.items()} for row in table.to_pylist()]


def _is_map(value: list[Any]) -> bool:
    return value != [] and all(isinstance(each, tuple) and len(each) == 2 for each in value)  # noqa: PLR2004 - key and value


def json_value(value: object) -> object:
    """A value as JSON knows it; what JSON has no word for, such as NaN, is null.

    Values are those of Arrow's `to_pylist`: of maps it makes lists of pairs, of intervals a tuple of months, days and nanoseconds.
    """
    match value:
        case datetime():
            written: object = value.isoformat().replace("+00:00", "Z")
        case Decimal():
            written = int(value) if value == value.to_integral_value() else float(value)
        case float() if not math.isfinite(value):
            written = None
        case list() if _is_map(value):
            written = {str(json_value(key)): json_value(each) for key, each in value}
        case list():
            written = [json_value(each) for each in value]
        case dict():
            written = {key: json_value(each) for key, each in value.items()}
        case bytes():
            written = value.hex()
        case tuple((months, days, nanoseconds)):
            written = f"P{months}M{days}DT{nanoseconds / 1e9:.9g}S"
        case None | bool() | int() | float() | str():
            written = value
        case _:
            written = str(value)
    return written


def write_csv(table: pa.Table, out: BinaryIO) -> None:
    """Write the rows as CSV with a header."""
    import pyarrow as pa
    from pyarrow import csv

    csv.write_csv(pa.table([_csv_column(column) for column in table.columns], names=table.column_names), out)


def _csv_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Instants in ISO 8601, and whatever CSV has no word for as JSON."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import types

    if types.is_timestamp(column.type) and column.type.tz:
        return pc.strftime(column, _INSTANT)
    if types.is_nested(column.type) or types.is_interval(column.type) or types.is_binary(column.type):
        return pa.chunked_array([[None if value is None else _csv_text(json_value(value)) for value in column.to_pylist()]], pa.string())
    return column


def _csv_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
