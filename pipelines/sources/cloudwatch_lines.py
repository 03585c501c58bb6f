"""`cloudwatch_lines`: what an export of CloudWatch Logs to S3 writes, `2026-01-01T00:00:00.000Z` and the line, such as EKS logs it.

Not here: how the time is taken off (`sql/ingest/cloudwatch_lines.sql`).
"""

from __future__ import annotations

import re

from pipelines.sources.wrapped import MAX_BYTES, Wrapper, wrapping

_TIMED = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d) (?=\{)")


def _opens(record: bytes) -> bytes | None:
    found = _TIMED.match(record)
    return record[found.end() : MAX_BYTES] if found else None


SHAPES = wrapping(Wrapper("cloudwatch_lines", "cloudwatch_lines", _opens))
