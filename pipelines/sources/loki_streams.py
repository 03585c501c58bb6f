"""`loki_streams`: streams of Loki, `{"stream": {…}, "values": [["<time>", "<line>"], …]}`, alone, as they are pushed, or as a query answers.

Not here: how they are taken apart (`sql/ingest/loki_streams.sql`).
"""

from __future__ import annotations

import re

from pipelines.sources.sniff import first_level
from pipelines.sources.wrapped import ESCAPED, MAX_BYTES, Wrapper, first_object, wrapping

_VALUE = re.compile(rb'\[\s*"\d{10,}"\s*,\s*"((?:[^"\\]|\\.)*)', re.DOTALL)


def _opens(record: bytes) -> bytes | None:
    keys = first_level(record, MAX_BYTES)
    if not ({"stream", "values"} <= keys.keys() or "streams" in keys or {"status", "data"} <= keys.keys()):
        return None
    found = (ESCAPED.sub(rb"\1", value[1]) for value in _VALUE.finditer(record[:MAX_BYTES]))
    return first_object(found) or None


SHAPES = wrapping(Wrapper("loki_streams", "loki_streams", _opens, is_expanding=True))
