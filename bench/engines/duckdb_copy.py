"""DuckDB's `read_json` → one Parquet file with all fields and both bodies: nothing hidden, counted, numbered or sorted."""

from __future__ import annotations

import sys

import duckdb

from bench.engines.fields import DUCKDB_COLUMNS, MAX_LINE_BYTES


def main() -> None:
    """Reads SOURCE, writes OUTPUT."""
    source, output = sys.argv[1:]
    reading = f"read_json('{source}', format = 'newline_delimited', columns = {DUCKDB_COLUMNS!r}, maximum_object_size = {MAX_LINE_BYTES})"
    duckdb.sql(f"copy (from {reading}) to '{output}' (format parquet, compression zstd)")


if __name__ == "__main__":
    main()
