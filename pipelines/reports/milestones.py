"""The milestones of one delivery in the order of time, out of the moments that its row holds.

Here and not in SQL: a row is turned on its side, which costs DuckDB five milliseconds to plan and this a few microseconds. Not here: how the
moments are found (`sql/delivery`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.reports.reading import Row

_GONE = "gone"
# What it is called, and how its columns begin; moments that are the same come in this order.
_MILESTONES = (
    ("bound", "bound"),
    ("kubelet", "kubelet_ack"),
    ("sandbox", "sandbox_ready"),
    ("initialized", "initialized"),
    ("started", "containers_started"),
    ("ready", "ready"),
    ("delete asked", "deleted"),
    (_GONE, "gone"),
)
# What `milestones` reads of a delivery.
COLUMNS = ("delivery_id", "kind", "started_at", *(f"{column}_{end}" for _, column in _MILESTONES for end in ("at", "uncertainty_ms")))


def milestones(delivery: Mapping[str, Any]) -> list[Row]:
    """The milestones that a delivery reached after its start: of a deletion only its end, of others all but that.

    Args:
        delivery: With the columns of `waterfall_milestones.sql`.
    """
    is_deletion = delivery["kind"] == "pod_delete"
    reached = [
        {"delivery_id": delivery["delivery_id"], "milestone": name, "reached_at": at, "uncertainty_ms": delivery[f"{column}_uncertainty_ms"]}
        for name, column in _MILESTONES
        if (name == _GONE) == is_deletion and (at := delivery[f"{column}_at"]) is not None and at >= delivery["started_at"]
    ]
    ordered = sorted(reached, key=lambda each: each["reached_at"])
    return [each | {"after_s": (each["reached_at"] - delivery["started_at"]).total_seconds()} for each in ordered]
