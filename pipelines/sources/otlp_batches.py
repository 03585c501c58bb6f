"""`otlp_batches`: logs as OpenTelemetry's collector writes them in JSON, `{"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": …}]}]}]}`.

Bodies that are text are read, as the file log receiver makes them. Not here: how they are taken apart (`sql/ingest/otlp_batches.sql`).
"""

from __future__ import annotations

from pipelines.sources.sniff import first_level
from pipelines.sources.wrapped import Wrapper, first_object, texts, wrapping


def _opens(record: bytes) -> bytes | None:
    return (first_object(texts(record, "stringValue")) or None) if "resourceLogs" in first_level(record) else None


SHAPES = wrapping(Wrapper("otlp_batches", "otlp_batches", _opens, is_expanding=True))
