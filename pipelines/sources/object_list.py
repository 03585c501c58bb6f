"""`object_list`: Lists of objects, as `kubectl get … -o json` and the API itself answer, pretty-printed or not.

Not here: the columns that follow (`sql/ingest/object_list.sql`, `sql/ingest/feed.sql`).
"""

from __future__ import annotations

from pipelines.sources.model import Keys, Shape, Step


def _matches(keys: Keys) -> bool:
    # kubectl prints the kind after the items, so it may not be in sight.
    return bool(keys.get("apiVersion")) and "items" in keys and (keys.get("kind") or "List").endswith("List")


SHAPE = Shape(
    name="object_list",
    matches=_matches,
    records="lines",
    steps=(Step("object_list", "frames"), Step("feed", "parsed")),
    tables=("k8s_events", "objects"),
    is_expanding=True,
)
