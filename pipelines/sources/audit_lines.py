"""`audit_lines`: the API server's own audit log, one audit.k8s.io Event in JSON per line.

Not here: the columns that follow (`sql/ingest/audit_lines.sql`).
"""

from __future__ import annotations

from pipelines.sources.model import Keys, Shape, Step


def _matches(keys: Keys) -> bool:
    # Items of a webhook's batch, written one per line, have no apiVersion; what they do have nothing else has.
    is_bare = "apiVersion" not in keys and "auditID" in keys and "requestURI" in keys
    is_versioned = (keys.get("apiVersion") or "").startswith("audit.k8s.io/")
    return (is_versioned or is_bare) and keys.get("kind", "Event") == "Event" and "items" not in keys


SHAPE = Shape(
    name="audit_lines",
    matches=_matches,
    records="lines",
    steps=(Step("audit_lines", "parsed"),),
    tables=("audit_events", "k8s_events", "objects"),
)
