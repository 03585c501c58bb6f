"""`sloop_records`: what Sloop records of a watch, `{"timestamp": {"seconds": …}, "kind": "Pod", "watchType": 1, "payload": "{…}"}`.

Not here: the columns that follow (`sql/ingest/sloop_records.sql`, `sql/ingest/feed.sql`).
"""

from __future__ import annotations

from pipelines.sources.model import Keys, Shape, Step


def _matches(keys: Keys) -> bool:
    return {"kind", "payload", "timestamp"} <= keys.keys() and (keys["payload"] or "").startswith("{")


SHAPE = Shape(
    name="sloop_records",
    matches=_matches,
    records="lines",
    steps=(Step("sloop_records", "frames"), Step("feed", "parsed")),
    tables=("k8s_events", "objects"),
)
