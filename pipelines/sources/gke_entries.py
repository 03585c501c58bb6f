"""`gke_entries`: GKE's audit log as LogEntries of Cloud Logging, one in JSON per line.

They are no audit events of Kubernetes: they know no stage, level, groups, URI or time of arrival, and a code of gRPC instead of HTTP's. Not
here: what of an audit event they can tell (`sql/ingest/gke_entries.sql`, `gke_rows.sql`).
"""

from __future__ import annotations

from dataclasses import replace

from pipelines.sources.model import Keys, Step
from pipelines.sources.sniff import first_level
from pipelines.sources.wrapped import MAX_BYTES, Wrapper, texts, wrapping


def _opens(record: bytes) -> bytes | None:
    if "protoPayload" not in first_level(record, MAX_BYTES):
        return None
    payload = next(texts(record, "protoPayload"), b"")
    # The audit log of a project holds that of other services too.
    return payload if _matches(first_level(payload)) else b""


def _matches(keys: Keys) -> bool:
    return keys.get("serviceName") == "k8s.io" or (keys.get("methodName") or "").startswith("io.k8s.")


_AUDITED = wrapping(Wrapper("gke_entries", "gke_entries", _opens))[0]
SHAPE = replace(_AUDITED, name="gke_entries", matches=_matches, steps=(*_AUDITED.steps, Step("gke_rows", "parsed")))
