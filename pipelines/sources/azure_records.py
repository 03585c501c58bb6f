"""`azure_lines` and `azure_batches`: diagnostic records of AKS, `{"category": "kube-audit", "properties": {"log": …}}`.

A storage account holds one per line; Event Hubs hand them on as `{"records": […]}`; rows of Log Analytics' table AzureDiagnostics have the
log in `log_s`. Not here: how they are undone
(`sql/ingest/azure_records.sql`, and `azure_batches.sql` before).
"""

from __future__ import annotations

import re

from pipelines.sources.sniff import first_level
from pipelines.sources.wrapped import MAX_BYTES, Wrapper, first_object, texts, wrapping

_AUDITED = re.compile(rb'"[Cc]ategory"\s*:\s*"kube-audit(?:-admin)?"')
_OF_AKS = re.compile(rb"microsoft\.containerservice/managedclusters", re.IGNORECASE)


def _opens_line(record: bytes) -> bytes | None:
    return _log(record) if {"properties", "log_s"} & first_level(record, MAX_BYTES).keys() else None


def _opens_batch(record: bytes) -> bytes | None:
    return _log(record) if "records" in first_level(record) else None


def _log(record: bytes) -> bytes | None:
    head = record[:MAX_BYTES]
    if _AUDITED.search(head):
        return first_object(texts(head, "log", "log_s"))
    return b"" if _OF_AKS.search(head) else None


SHAPES = (
    *wrapping(Wrapper("azure_lines", "azure_records", _opens_line)),
    *wrapping(Wrapper("azure_batches", "azure_records", _opens_batch, batches="azure_batches", is_expanding=True)),
)
