"""What one running server holds: the lake, the door, who may ask, the trail, and the settings.

Not here: requests (`asking`), and starting it (`serve`).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from pipelines.refresh import rules_in_force
from pipelines.rules import objectives
from pipelines.serving.http import freshness
from pipelines.serving.http.pages.kept import Kept
from pipelines.serving.http.reading import ALL_TIME, Reading
from pipelines.serving.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipelines.config import Settings
    from pipelines.lake import Lake
    from pipelines.rules.objectives import Objective
    from pipelines.serving.door import Door
    from pipelines.serving.http.callers import Callers
    from pipelines.serving.http.journal import Journal
    from pipelines.serving.http.reading import Window
    from pipelines.serving.http.story import Place

_MOST_URIS = 100_000
_MOST_PAGES_BYTES = 16 * 1024 * 1024
_MOST_PLACES = 1000
Reach: TypeAlias = tuple[datetime | None, datetime | None]


@dataclass(slots=True)
class Server:
    """One server. Of the lake it looks at names and footers only; rows come through the door."""

    lake: Lake
    door: Door
    callers: Callers
    journal: Journal
    settings: Settings
    pages: Kept[bytes] = field(default_factory=lambda: Kept(_MOST_PAGES_BYTES, len))
    places: Kept[Place] = field(default_factory=lambda: Kept(_MOST_PLACES))
    _objectives: dict[str, dict[tuple[str, str], Objective]] = field(default_factory=dict)
    _reach: dict[tuple[str, ...], tuple[str, dict[str, Reach]]] = field(default_factory=dict)
    _uris: dict[Scope, tuple[str, dict[str, str | None]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def clusters(self, scope: Scope) -> list[str]:
        """The clusters of the lake that a caller may see."""
        return [name for name in self.lake.clusters() if scope.clusters is None or name in scope.clusters]

    def etag(self, tables: Iterable[str], clusters: Sequence[str], window: Window, *asked: str) -> str:
        """The ETag of an answer."""
        # The cache of footers is for one thread at a time.
        with self._lock:
            return freshness.etag(self.lake, tables, clusters, window, *asked)

    def reach(self, clusters: Sequence[str]) -> dict[str, Reach]:
        """The first and the last instant of each cluster's sources; asked again only when the ledger has changed."""
        told = self.etag(("sources",), clusters, ALL_TIME)
        known = self._reach.get(tuple(clusters))
        if known is None or known[0] != told:
            rows = Reading(self.door, Scope(tuple(clusters), None, may_read_bodies=False)).rows("reach")
            known = (told, {row["cluster"]: (row["first_at"], row["watermark_at"]) for row in rows})
            self._reach[tuple(clusters)] = known
        return known[1]

    def uris(self, scope: Scope, source_ids: set[str]) -> dict[str, str | None]:
        """Where source files are, as far as a scope shows it; asked again only when the ledger has changed."""
        told = self.etag(("sources",), self.clusters(scope), ALL_TIME)
        known = self._uris.get(scope)
        if known is None or known[0] != told or len(known[1]) > _MOST_URIS:
            known = self._uris[scope] = (told, {})
        if missing := sorted(source_ids - known[1].keys()):
            rows = Reading(self.door, scope).rows("source_uris", source_ids=missing)
            known[1].update(dict.fromkeys(missing) | {row["source_id"]: row["uri"] for row in rows})
        return {each: known[1][each] for each in source_ids}

    def objectives(self, cluster: str) -> dict[tuple[str, str], Objective]:
        """The objectives in force for a cluster, by kind and name, in their order; the first of several counts."""
        if cluster not in self._objectives:
            found: dict[tuple[str, str], Any] = {}
            for rule in rules_in_force(self.settings, cluster)["objectives"]:
                told = objectives.parse(rule, "objectives")
                found.setdefault((told.kind, told.objective), told)
            self._objectives[cluster] = found
        return self._objectives[cluster]
