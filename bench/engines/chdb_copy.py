"""ClickHouse's JSONEachRow (chdb) → one Parquet file with the fields and both bodies as text."""

from __future__ import annotations

import sys

import chdb

_STRUCTURE = (
    "level String, auditID String, stage String, requestURI String, verb String, user Tuple(username String, groups Array(String)), "
    "impersonatedUser Tuple(username String), sourceIPs Array(String), userAgent String, "
    "objectRef Tuple(resource String, apiGroup String, subresource String, namespace String, name String, uid String), "
    "responseStatus Tuple(code Int64, reason String, message String), requestReceivedTimestamp String, stageTimestamp String, "
    "annotations String, requestObject String, responseObject String"
)


def main() -> None:
    """Reads SOURCE, writes OUTPUT."""
    source, output = sys.argv[1:]
    settings = "input_format_json_read_objects_as_strings = 1, output_format_parquet_compression_method = 'zstd', max_threads = 2"
    chdb.query(
        f"insert into function file('{output}', Parquet) select * replace "  # noqa: S608 - paths of our own
        "(parseDateTime64BestEffort(requestReceivedTimestamp, 6) as requestReceivedTimestamp, parseDateTime64BestEffort(stageTimestamp, 6) as stageTimestamp) "
        f"from file('{source}', JSONEachRow, '{_STRUCTURE}') settings {settings}"
    )


if __name__ == "__main__":
    main()
