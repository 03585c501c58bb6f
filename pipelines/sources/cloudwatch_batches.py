"""`cloudwatch_batches`: what CloudWatch Logs hands on, many log events in one JSON object.

A subscription (also by way of Firehose, which puts the objects one after the other without an end of line) sends
`{"messageType": "DATA_MESSAGE", …, "logEvents": [{"message": …}]}`; `aws logs filter-log-events` answers `{"events": [{"message": …}]}`,
`aws logs get-query-results` `{"results": [[{"field": "@message", "value": …}]]}`. Not here: how they are taken apart (`sql/ingest/cloudwatch_batches.sql`).
"""

from __future__ import annotations

import re

from pipelines.sources.sniff import first_level
from pipelines.sources.wrapped import MAX_BYTES, Wrapper, first_object, texts, wrapping


def _opens(record: bytes) -> bytes | None:
    keys = first_level(record)
    is_sent = keys.get("messageType") in {"DATA_MESSAGE", "CONTROL_MESSAGE"}
    # Nothing else has an array of `events` whose first object begins like this.
    is_answer = "events" in keys and re.search(
        rb'"events"\s*:\s*\[\s*\{\s*"(?:logStreamName|timestamp|message|ingestionTime|eventId)"', record[:1024]
    )
    if is_sent or is_answer:
        return first_object(texts(record, "message"))
    is_result = "results" in keys and b'"@message"' in record[:MAX_BYTES]
    return first_object(texts(record, "value")) if is_result else None


SHAPES = wrapping(Wrapper("cloudwatch_batches", "cloudwatch_batches", _opens, is_expanding=True))
