"""`audit_batches`: what an audit webhook receives, EventLists of audit.k8s.io Events.

Not here: the columns that follow (`sql/ingest/audit_batches.sql`, then as for `audit_lines`).
"""

from __future__ import annotations

from pipelines.sources.model import Keys, Shape, Step


def _matches(keys: Keys) -> bool:
    return (keys.get("apiVersion") or "").startswith("audit.k8s.io/") and (keys.get("kind") == "EventList" or "items" in keys)


SHAPE = Shape(
    name="audit_batches",
    matches=_matches,
    records="batches",
    steps=(Step("audit_batches", "lines"), Step("audit_lines", "parsed")),
    tables=("audit_events", "k8s_events", "objects"),
    is_expanding=True,
)
