"""`watch_frames`: what a watch sends, `{"type": "ADDED", "object": {…}}`, with `observed_at` where the recorder noted it.

Not here: the columns that follow (`sql/ingest/watch_frames.sql`, `sql/ingest/feed.sql`).
"""

from __future__ import annotations

from pipelines.sources.model import Keys, Shape, Step


def _matches(keys: Keys) -> bool:
    # A type that is still to come may lie behind an object that is longer than what is looked at.
    return "object" in keys and keys.get("type", "ADDED") in {"ADDED", "MODIFIED", "DELETED", "LISTED", "BOOKMARK", "ERROR"} and "auditID" not in keys


SHAPE = Shape(
    name="watch_frames",
    matches=_matches,
    records="lines",
    steps=(Step("watch_frames", "frames"), Step("feed", "parsed")),
    tables=("k8s_events", "objects"),
)
