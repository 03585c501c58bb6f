"""`eventrouter_lines`: what eventrouter says of each Event, `{"verb": "ADDED", "event": {…}, "old_event": {…}}`.

Not here: the columns that follow (`sql/ingest/eventrouter_lines.sql`, `sql/ingest/feed.sql`).
"""

from __future__ import annotations

from pipelines.sources.model import Keys, Shape, Step


def _matches(keys: Keys) -> bool:
    return "event" in keys and keys.get("verb") in {"ADDED", "UPDATED", "DELETED"}


SHAPE = Shape(
    name="eventrouter_lines",
    matches=_matches,
    records="lines",
    steps=(Step("eventrouter_lines", "frames"), Step("feed", "parsed")),
    tables=("k8s_events", "objects"),
)
