"""Rows as programs read them: JSON values and CSV, the same from the command line and over HTTP.

Not here: tables for people (`pipelines.cli.output`), and which form is asked for.
"""

from __future__ import annotations

import json
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


def json_value(value: object) -> object:
    """A value as JSON knows it."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, list):
        return [json_value(each) for each in value]
    if isinstance(value, dict):
        return {key: json_value(each) for key, each in value.items()}
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


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
    if types.is_nested(column.type):
        return pa.chunked_array(
            [[None if value is None else json.dumps(json_value(value), ensure_ascii=False) for value in column.to_pylist()]], pa.string()
        )
    return column
