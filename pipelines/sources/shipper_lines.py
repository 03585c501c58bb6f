"""`shipper_lines`: what Filebeat, Fluent Bit, Vector, Docker, Splunk or `logcli -o jsonl` put around a line, `{"@timestamp": …, "message": "{…}"}`.

The line is under one of some names, as text or as an object; documents of Elasticsearch and results of Splunk are in one more envelope. Not
here: how it is taken out (`sql/ingest/shipper_lines.sql`, which has the same names in the same order).
"""

from __future__ import annotations

from pipelines.sources.sniff import first_level
from pipelines.sources.wrapped import MAX_BYTES, Wrapper, first_object, texts, wrapping

_NAMES = ("message", "audit", "log", "log_processed", "line", "msg", "jsonPayload", "textPayload", "payload", "body", "_raw", "event", "MESSAGE")
_ENVELOPES = ("_source", "result", "kubernetes")


def _opens(record: bytes) -> bytes | None:
    keys = first_level(record, MAX_BYTES)
    # Text that is no object may be of any program: nothing says that an audit log is here.
    for name in (name for name in _NAMES if name in keys):
        if found := first_object(texts(record, name)):
            return found
    outer = next((name for name in _ENVELOPES if name in keys), None)
    inner = first_object(texts(record, outer)) if outer else b""
    return (_opens(inner) or inner) if inner and len(inner) < len(record) else None


SHAPES = wrapping(Wrapper("shipper_lines", "shipper_lines", _opens))
