"""`cloudwatch_batches`: what CloudWatch Logs hands on, many log events in one JSON object.

A subscription (also by way of Firehose, which puts the objects one after the other without an end of line) sends
`{"messageType": "DATA_MESSAGE", …, "logEvents": [{"message": …}]}`; `aws logs filter-log-events` answers `{"events": [{"message": …}]}`.
Not here: how they are taken apart (`sql/ingest/cloudwatch_batches.sql`).
"""

from __future__ import annotations

import re

from pipelines.sources.model import Framing
from pipelines.sources.sniff import first_level
from pipelines.sources.wrapped import Wrapper, first_object, texts, wrapping


def _opens(record: bytes) -> bytes | None:
    keys = first_level(record)
    is_sent = keys.get("messageType") in {"DATA_MESSAGE", "CONTROL_MESSAGE"}
    # Nothing else has an array of `events` whose first object begins like this.
    is_answer = "events" in keys and re.search(
        rb'"events"\s*:\s*\[\s*\{\s*"(?:logStreamName|timestamp|message|ingestionTime|eventId)"', record[:1024]
    )
    return first_object(texts(record, "message")) if is_sent or is_answer else None


SHAPES = wrapping(Wrapper("cloudwatch_batches", "cloudwatch_batches", _opens, is_expanding=True, line_framing=Framing.VALUES))
