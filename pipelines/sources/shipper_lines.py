"""`shipper_lines`: what Filebeat, Fluent Bit, Vector, Docker or `logcli -o jsonl` put around a line, `{"@timestamp": …, "message": "{…}"}`.

The line is under `message`, `log`, `line` or `jsonPayload` (where GKE logs Events), as text or as an object. Not here: how it is taken out
(`sql/ingest/shipper_lines.sql`).
"""

from __future__ import annotations

from pipelines.sources.sniff import first_level
from pipelines.sources.wrapped import MAX_BYTES, Wrapper, first_object, texts, wrapping

_NAMES = ("message", "log", "line", "jsonPayload")


def _opens(record: bytes) -> bytes | None:
    keys = first_level(record, MAX_BYTES)
    name = next((name for name in _NAMES if name in keys), None)
    # Text that is no object may be of any program: nothing says that an audit log is here.
    return (first_object(texts(record, name)) or None) if name else None


SHAPES = wrapping(Wrapper("shipper_lines", "shipper_lines", _opens))
