"""`records/<name>`: logs of the user's own, one JSON object per record, read by a mapping from the settings.

Here: the shape, and the mapping as its queries read it. Not here: what a mapping may say (`pipelines.config`), the columns that follow
(`sql/ingest/own_records.sql`), and what rules make of them (`pipelines.rules`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.sources.model import Shape, Step

if TYPE_CHECKING:
    from collections.abc import Mapping

FIELDS = ("kind", "namespace", "name", "uid", "node", "pod_ip", "image", "container_id", "key", "value", "detail", "reason", "message", "code")
# Ways to find a record's pod, the surest first; a node and a time name one only to who asks for it.
JOINS = ("uid", "name", "container_id", "pod_ip", "image")
PREFIX = "records/"
_MICROSECONDS = {"s": 1e6, "ms": 1e3, "us": 1.0, "ns": 1e-3}


def shape_of(name: str, mapping: Mapping[str, Any]) -> Shape:
    """The shape of one mapping.

    Args:
        name: What the settings call it.
        mapping: `at`, `end`, `duration`, `duration_unit`, `at_is`, `time_unit`, `time_format`, `uncertainty_ms`, `join`, and each of `FIELDS` as a JSON path, a word, `{path, pattern}` or None.
    """
    return Shape(
        name=f"{PREFIX}{name}",
        matches=lambda _: True,
        records="lines",
        steps=(Step("own_records", "parsed"),),
        tables=("custom_records",),
        variables=_variables(name, mapping),
    )


def _variables(name: str, mapping: Mapping[str, Any]) -> dict[str, object]:
    """What the queries read; each is a constant of its query, so that paths and patterns are compiled once."""
    at = mapping["at"]
    # `record_name` is the mapping's.
    fields = {f"record_{'name_of_object' if field == 'name' else field}": _told(mapping.get(field)) for field in FIELDS}
    return fields | {
        "record_name": name,
        "record_join": list(mapping.get("join") or JOINS),
        "record_at": _told(at),
        "record_at_words": at if isinstance(at, str) else at["path"],
        "record_end": _told(mapping.get("end")),
        "record_duration": _told(mapping.get("duration")),
        "record_duration_us": _MICROSECONDS[mapping.get("duration_unit") or "s"],
        "record_at_is_end": mapping.get("at_is") == "end",
        "record_time_unit": "format" if mapping.get("time_format") else mapping.get("time_unit") or "",
        # Even a format that is not used must be one.
        "record_time_format": mapping.get("time_format") or "%Y",
        "record_uncertainty_ms": float(mapping.get("uncertainty_ms") or 0),
    }


def _told(field: Any) -> dict[str, str]:  # noqa: ANN401 - a word of the settings
    """Where a field is: at a path, in what a pattern finds there, or the same word for all records."""
    if isinstance(field, str) and not field.startswith("$"):
        return {"path": "$", "pattern": "", "word": field, "is": "word"}
    if isinstance(field, str):
        return {"path": field, "pattern": "", "word": "", "is": "path"}
    if field:
        return {"path": field["path"], "pattern": field["pattern"], "word": "", "is": "pattern"}
    return {"path": "$", "pattern": "", "word": "", "is": "nothing"}
