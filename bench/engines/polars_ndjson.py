"""Polars' `read_ndjson` → one Parquet file with the fields, without the bodies: it has no type for JSON of any shape."""

from __future__ import annotations

import sys

import polars as pl

_TEXTS = dict.fromkeys(
    ("level", "auditID", "stage", "requestURI", "verb", "userAgent", "requestReceivedTimestamp", "stageTimestamp"),
    pl.String(),
)
_REFERENCE = pl.Struct(dict.fromkeys(("resource", "apiGroup", "subresource", "namespace", "name", "uid"), pl.String()))
_SCHEMA = _TEXTS | {
    "user": pl.Struct({"username": pl.String(), "groups": pl.List(pl.String())}),
    "sourceIPs": pl.List(pl.String()),
    "objectRef": _REFERENCE,
    "responseStatus": pl.Struct({"code": pl.Int64(), "reason": pl.String(), "message": pl.String()}),
}


def main() -> None:
    """Reads SOURCE, writes OUTPUT."""
    source, output = sys.argv[1:]
    pl.scan_ndjson(source, schema=_SCHEMA).sink_parquet(output, compression="zstd")


if __name__ == "__main__":
    main()
