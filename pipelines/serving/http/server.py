"""What one running server holds: the lake, the door, who may ask, the trail, and the settings.

Not here: requests (`asking`), and starting it (`serve`).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipelines.refresh import rules_in_force
from pipelines.rules import objectives
from pipelines.serving.http import freshness

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipelines.config import Settings
    from pipelines.lake import Lake
    from pipelines.rules.objectives import Objective
    from pipelines.serving.door import Door
    from pipelines.serving.http.callers import Callers
    from pipelines.serving.http.journal import Journal
    from pipelines.serving.http.reading import Window
    from pipelines.serving.scope import Scope


@dataclass(slots=True)
class Server:
    """One server. Of the lake it looks at names and footers only; rows come through the door."""

    lake: Lake
    door: Door
    callers: Callers
    journal: Journal
    settings: Settings
    _objectives: dict[str, dict[tuple[str, str], Objective]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def clusters(self, scope: Scope) -> list[str]:
        """The clusters of the lake that a caller may see."""
        return [name for name in self.lake.clusters() if scope.clusters is None or name in scope.clusters]

    def etag(self, tables: Iterable[str], clusters: Sequence[str], window: Window, *asked: str) -> str:
        """The ETag of an answer."""
        # The cache of footers is for one thread at a time.
        with self._lock:
            return freshness.etag(self.lake, tables, clusters, window, *asked)

    def objectives(self, cluster: str) -> dict[tuple[str, str], Objective]:
        """The objectives in force for a cluster, by kind and name, in their order; the first of several counts."""
        if cluster not in self._objectives:
            found: dict[tuple[str, str], Any] = {}
            for rule in rules_in_force(self.settings, cluster)["objectives"]:
                told = objectives.parse(rule, "objectives")
                found.setdefault((told.kind, told.objective), told)
            self._objectives[cluster] = found
        return self._objectives[cluster]
