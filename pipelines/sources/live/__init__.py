"""A live cluster as a source: Lists and watches of its API server, as lines of `watch_frames` with their time of arrival.

Here: what callers need. The bytes of objects stay as they came, and are kept nowhere here. Not here: what the lines become
(`pipelines.ingest.live`).
"""

from __future__ import annotations

from pipelines.sources.live.api import Api
from pipelines.sources.live.clock import Clock
from pipelines.sources.live.collection import Collection
from pipelines.sources.live.connect import connect
from pipelines.sources.live.failures import ApiFailureError, Patience
from pipelines.sources.live.frames import deleted
from pipelines.sources.live.lists import Listed
from pipelines.sources.live.resources import RESOURCES, Resource, Rule, Target, rules, targets
from pipelines.sources.live.shape import SHAPE
from pipelines.sources.live.told import Told

__all__ = [
    "RESOURCES",
    "SHAPE",
    "Api",
    "ApiFailureError",
    "Clock",
    "Collection",
    "Listed",
    "Patience",
    "Resource",
    "Rule",
    "Target",
    "Told",
    "connect",
    "deleted",
    "rules",
    "targets",
]
