"""`cri_lines`: a container's log as its runtime writes it, `2026-11-23T07:17:11.000000001Z stdout F {…}`.

It is where an API server's `--audit-log-path=-` ends up. A line of more than 16 KiB is split into several, which are one record. Not here:
how they are put together (`sql/ingest/cri_lines.sql`).
"""

from __future__ import annotations

import re

from pipelines.sources.model import Framing
from pipelines.sources.wrapped import MAX_BYTES, Wrapper, wrapping

_TAGGED = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d) (?:stdout|stderr) [FP](?::\S*)? ?")


def _opens(record: bytes) -> bytes | None:
    found = _TAGGED.match(record)
    # The API server's own messages are beside its audit log.
    return None if found is None else record[found.end() : MAX_BYTES] if record.startswith(b"{", found.end()) else b""


SHAPES = wrapping(Wrapper("cri_lines", "cri_lines", _opens, line_framing=Framing.CRI_LINES))
