"""The variants: which policy lowers the log or which server is lost from it, and whether a feed of Events is read beside it.

Here: `VARIANTS` and those by policy. Not here: what a policy means (`policy`), what a lost server means (`servers`), and what comes of it (`compare`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.levels.ages import aged
from bench.levels.policy import Policy
from bench.levels.servers import MISSING_SERVERS, MissingServer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_POLICIES = Path(__file__).parent / "policies"


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to log less.

    Args:
        name: As results call it.
        policy: The file in `policies/`.
        title: In words.
        has_feed: Whether Events are read from a feed beside the log.
        is_aged: Whether an older Kubernetes has written both.
    """

    name: str
    policy: str
    title: str
    has_feed: bool = False
    is_aged: bool = False

    def lowered(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """The lines of the log as this variant would have them."""
        policy = Policy.read(_POLICIES / f"{self.policy}.yaml")
        for line in lines:
            event = policy.lowered(self._written(line))
            if event is not None:
                yield _compact(event)

    def feed(self, frames: Iterable[bytes]) -> Iterator[bytes]:
        """The frames of the feed beside it."""
        yield from (_compact(self._written(frame)) for frame in frames)

    def _written(self, line: bytes) -> Any:  # noqa: ANN401 - any JSON
        return aged(json.loads(line)) if self.is_aged else json.loads(line)


def _compact(body: Any) -> bytes:  # noqa: ANN401 - any JSON
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


VARIANTS: tuple[Variant | MissingServer, ...] = (
    Variant("omit-received", "omit-received", "no RequestReceived"),
    Variant("omit-stages", "omit-stages", "no RequestReceived, no ResponseStarted"),
    Variant("no-managed-fields", "no-managed-fields", "no managedFields"),
    Variant("status-request", "status-request", "status writes at Request"),
    Variant("events-metadata+feed", "events-metadata", "Events at Metadata, and a feed of them", has_feed=True),
    Variant("no-events", "no-events", "no Events"),
    Variant("gce+feed", "gce", "reference policy of GCE, and a feed of Events", has_feed=True),
    Variant("gce", "gce", "reference policy of GCE"),
    Variant("eks+feed", "eks", "EKS, and a feed of Events", has_feed=True),
    Variant("eks", "eks", "EKS"),
    Variant("old", "omit-received", "Kubernetes 1.24 to 1.28", is_aged=True),
    Variant("old-gce+feed", "gce", "Kubernetes 1.24 to 1.28, reference policy of GCE, and a feed of Events", has_feed=True, is_aged=True),
    Variant("old-gce", "gce", "Kubernetes 1.24 to 1.28, reference policy of GCE", is_aged=True),
    Variant("request", "request", "everything at Request"),
    Variant("no-status", "no-status", "kubelets' status writes not logged"),
    Variant("pods-metadata", "pods-metadata", "pods at Metadata, Events whole"),
    Variant("docs-example", "docs-example", "the example of Kubernetes' documentation"),
    Variant("docs-example+feed", "docs-example", "the example of Kubernetes' documentation, and a feed of Events", has_feed=True),
    Variant("pods-only", "pods-only", "pods whole, the rest by names and times"),
    Variant("pods-only+feed", "pods-only", "pods whole, the rest by names and times, and a feed of Events", has_feed=True),
    Variant("pods-writes", "pods-writes", "writes of pods whole, the rest by names and times"),
    Variant("openshift-writes", "openshift-writes", "OpenShift's WriteRequestBodies"),
    Variant("openshift-writes+feed", "openshift-writes", "OpenShift's WriteRequestBodies, and a feed of Events", has_feed=True),
    Variant("openshift", "openshift", "OpenShift's Default"),
    Variant("metadata+feed", "metadata", "everything at Metadata, and a feed of Events", has_feed=True),
    Variant("metadata", "metadata", "everything at Metadata"),
    Variant("people+feed", "people", "people's requests alone, and a feed of Events", has_feed=True),
    *MISSING_SERVERS,
)
