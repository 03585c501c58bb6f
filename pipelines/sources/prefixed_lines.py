"""`prefixed_lines`: lines behind anything that a logger puts before them: `Nov 23 07:17:11 cp-1 kube-apiserver[912]: {…}`.

Such write syslog, `journalctl`, `aws logs tail` and `kubectl logs --prefix`. Not here: how they are taken off (`sql/ingest/prefixed_lines.sql`).
"""

from __future__ import annotations

import re

from pipelines.sources.wrapped import MAX_BYTES, Wrapper, wrapping

_PREFIX = re.compile(rb"[^{\n]{1,512}(?=\{)")


def _opens(record: bytes) -> bytes | None:
    found = _PREFIX.match(record)
    return record[found.end() : MAX_BYTES] if found else None


SHAPES = wrapping(Wrapper("prefixed_lines", "prefixed_lines", _opens))
