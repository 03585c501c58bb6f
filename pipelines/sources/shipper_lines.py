"""`shipper_lines`: what Filebeat, Fluent Bit, Vector, Docker, Splunk or `logcli -o jsonl` put around a line, `{"@timestamp": …, "message": "{…}"}`.

The line is under one of some names, as text or as an object; documents of Elasticsearch and results of Splunk are in one more envelope. Not
here: how it is taken out (`sql/ingest/shipper_lines.sql`, which has the same names in the same order).
"""

from __future__ import annotations

from pipelines.sources.sniff import first_level
from pipelines.sources.wrapped import MAX_BYTES, Wrapper, first_object, texts, wrapping

_NAMES = ("message", "log", "log_processed", "line", "msg", "jsonPayload", "textPayload", "payload", "body", "_raw", "event", "MESSAGE")
_NESTED = (("kubernetes", "audit"), ("result", "_raw"))


def _opens(record: bytes) -> bytes | None:
    keys = first_level(record, MAX_BYTES)
    if "_source" in keys and (document := first_object(texts(record, "_source"))):
        return _opens(document) or document
    # Text that is no object may be of any program: nothing says that an audit log is here.
    names = [inner for outer, inner in _NESTED if outer in keys] + [name for name in _NAMES if name in keys]
    return next((found for name in names if (found := first_object(texts(record, name)))), None)


SHAPES = wrapping(Wrapper("shipper_lines", "shipper_lines", _opens))
