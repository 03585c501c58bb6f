"""What is asked of an API server: the kinds that ingest keeps, and Events. Never Secrets or ConfigMaps.

Here: `RESOURCES`, which follows from what ingest tracks, and the RBAC rules that reading them needs. Not here: asking (`api`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.config import TRACKED_KINDS, TRACKED_RESOURCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

VERBS = ("list", "watch")
_CLUSTER_SCOPED = ("nodes", "namespaces", "persistentvolumes")
# Namespaces say which cluster it is; what is last is what the watermark is nearest to.
_FIRST, _LAST = ("namespaces",), ("pods", "events")

Rule = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of object as the API serves it.

    Args:
        name: As the settings and RBAC say it, such as `replicasets.apps`.
        kind: Such as `ReplicaSet`.
    """

    name: str
    kind: str

    @property
    def plural(self) -> str:
        """The last part of its path."""
        return self.name.partition(".")[0]

    @property
    def group(self) -> str:
        """Its API group; empty for the core."""
        return self.name.partition(".")[2]

    @property
    def api_version(self) -> str:
        """As its objects say it."""
        return f"{self.group}/v1" if self.group else "v1"

    @property
    def is_namespaced(self) -> bool:
        """Whether its objects live in namespaces."""
        return self.name not in _CLUSTER_SCOPED


@dataclass(frozen=True, slots=True)
class Target:
    """A resource in one namespace, or in all of them."""

    resource: Resource
    namespace: str | None = None

    def __str__(self) -> str:
        """As people say it."""
        return f"{self.resource.name} in namespace {self.namespace}" if self.namespace else self.resource.name


_KINDS = (*(kind.partition(".")[0] for kind in TRACKED_KINDS), "Event", "Event")
RESOURCES: dict[str, Resource] = {name: Resource(name, kind) for name, kind in zip(TRACKED_RESOURCES, _KINDS, strict=True)}
# The same objects in two shapes. The core's is asked first: it is what most roles allow, and every release serves it.
FALLBACKS: dict[str, Resource] = {"events": RESOURCES["events.events.k8s.io"]}


def targets(names: Iterable[str], namespaces: Sequence[str]) -> list[Target]:
    """What to ask for, in the order of asking."""
    wanted = [RESOURCES[name] for name in sorted(set(names), key=_place)]
    return [Target(resource, namespace) for resource in wanted for namespace in (namespaces if resource.is_namespaced and namespaces else [None])]


def rules(resources: Iterable[Resource], verbs: Sequence[str] = VERBS) -> list[Rule]:
    """The RBAC rules that reading these resources needs, one per API group."""
    by_group: dict[str, list[str]] = {}
    for resource in resources:
        by_group.setdefault(resource.group, []).append(resource.plural)
    return [{"apiGroups": [group], "resources": plurals, "verbs": list(verbs)} for group, plurals in by_group.items()]


def _place(name: str) -> tuple[int, int]:
    return (-1 if name in _FIRST else 1 if name in _LAST else 0), TRACKED_RESOURCES.index(name)
