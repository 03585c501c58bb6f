"""`object_lines`: Kubernetes objects one after the other, such as `kubectl get events -o json | jq -c '.items[]'` gives.

Not here: the columns that follow (`sql/ingest/object_lines.sql`, `sql/ingest/feed.sql`).
"""

from __future__ import annotations

from pipelines.sources.model import Keys, Shape, Step


def _matches(keys: Keys) -> bool:
    is_typed = bool(keys.get("apiVersion")) and bool(keys.get("kind"))
    is_event = "reason" in keys and ("involvedObject" in keys or "regarding" in keys)
    # An item of a PodList or NodeList says no kind; what it has done shows that it is no manifest.
    is_untyped = "kind" not in keys and "spec" in keys
    return "metadata" in keys and "items" not in keys and (is_typed or is_event or is_untyped)


SHAPE = Shape(
    name="object_lines",
    matches=_matches,
    records="lines",
    steps=(Step("object_lines", "frames"), Step("feed", "parsed")),
    tables=("k8s_events", "objects"),
)
