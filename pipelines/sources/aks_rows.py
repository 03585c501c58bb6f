"""`aks_rows` and `aks_batches`: rows of the tables AKSAudit and AKSAuditAdmin of Log Analytics, `{"AuditId": …, "RequestUri": …, "ObjectRef": {…}}`.

Their columns are an audit event's fields under other names. Exports hold one per line or `{"records": […]}`, `az monitor log-analytics query`
prints an array. Not here: the names of the columns (`sql/ingest/aks_rows.sql`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines.sources.sniff import first_level
from pipelines.sources.wrapped import MAX_BYTES, Wrapper, wrapping

if TYPE_CHECKING:
    from pipelines.sources.model import Keys


def _opens_row(record: bytes) -> bytes | None:
    return record if _is_row(first_level(record, MAX_BYTES)) else None


def _opens_batch(record: bytes) -> bytes | None:
    if "records" not in first_level(record):
        return None
    place = record.find(b"{", record.find(b"["))
    return _opens_row(record[place:]) if place >= 0 else None


def _is_row(keys: Keys) -> bool:
    return {"AuditId", "RequestUri", "Stage"} <= keys.keys()


def _matches(keys: Keys) -> bool:
    return "AuditId" in keys


SHAPES = tuple(
    replace(wrapping(wrapper)[0], name=wrapper.name, matches=_matches)
    for wrapper in (
        Wrapper("aks_rows", "aks_rows", _opens_row),
        Wrapper("aks_batches", "aks_rows", _opens_batch, batches="azure_batches", is_expanding=True),
    )
)
