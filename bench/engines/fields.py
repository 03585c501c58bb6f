"""What the other engines are asked for: the fields of an audit event that our raw tables have, and both bodies.

Not here: how each engine is asked.
"""

from __future__ import annotations

_REFERENCE = "STRUCT(resource VARCHAR, apiGroup VARCHAR, subresource VARCHAR, namespace VARCHAR, name VARCHAR, uid VARCHAR)"
DUCKDB_COLUMNS = {
    "level": "VARCHAR",
    "auditID": "VARCHAR",
    "stage": "VARCHAR",
    "requestURI": "VARCHAR",
    "verb": "VARCHAR",
    "user": "STRUCT(username VARCHAR, groups VARCHAR[])",
    "impersonatedUser": "STRUCT(username VARCHAR)",
    "sourceIPs": "VARCHAR[]",
    "userAgent": "VARCHAR",
    "objectRef": _REFERENCE,
    "responseStatus": "STRUCT(code BIGINT, reason VARCHAR, message VARCHAR)",
    "requestReceivedTimestamp": "TIMESTAMPTZ",
    "stageTimestamp": "TIMESTAMPTZ",
    "annotations": "JSON",
    "requestObject": "JSON",
    "responseObject": "JSON",
}
MAX_LINE_BYTES = 32 * 1024 * 1024
