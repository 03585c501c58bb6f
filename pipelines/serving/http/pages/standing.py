"""How objectives stand over a window: each by its share of deliveries, or of minutes where that is what its budget is counted in.

Here: `minutes` and `standing`. Not here: buckets and charts (`board`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.serving.http.pages.view import by

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipelines.reports.reading import Row
    from pipelines.serving.http.pages.view import View

CALLS = "api_call"
QUERIES = ("slo_board", "slo_board_minutes", "slo_board_days")
_SUMS = ("total", "success", "fail", "kill", "pending", "unsettled", "fail_platform", "fail_capacity", "fail_user", "fail_unknown")


def minutes(view: View, clusters: Iterable[str], length: str, scope: str, namespace: str | None = None) -> list[Row]:
    """Good minutes per bucket and objective; of API calls, which `slo_board` does not have, all counts.

    Args:
        view: The request.
        clusters: Whose.
        length: How long a bucket is. By days the sums of whole days are read, else minutes.
        scope: `cluster`, or `namespace` for who sees no more.
        namespace: The one that is asked about; it has no API calls of its own.
    """
    asked = {"scope": scope, "scope_value": namespace or None}
    if length == "day":
        return view.reading.rows("slo_board_days", **asked)
    budgets = [
        {"cluster": cluster, "kind": kind, "objective": objective, "minute_target": each.minute_target or each.target}
        for cluster in clusters
        for (kind, objective), each in view.server.objectives(cluster).items()
        if each.budget == "minutes" and each.target is not None
    ]
    found = view.reading.rows("slo_board_minutes", budgets=budgets, length=length, **asked)
    return [row for row in found if not namespace or row["kind"] != CALLS]


def standing(view: View, cluster: str, rows: Iterable[Row], counted: list[Row]) -> list[Row]:
    """The objectives of a cluster over the whole window, in the order of the rules.

    Args:
        view: The request.
        cluster: Whose.
        rows: Its rows of `slo_board`.
        counted: Its rows of `minutes`.

    Returns:
        Sums of the counts, `minutes` and `good_minutes`, and what was `attained` of the `target`.
    """
    told = view.server.objectives(cluster)
    of_minutes = by(counted, "kind", "objective")
    calls = [row for row in counted if row["kind"] == CALLS]
    found = []
    for (kind, objective), of_objective in by([*rows, *calls], "kind", "objective").items():
        sums: Row = {name: sum(row[name] for row in of_objective) for name in _SUMS}
        good: Row = {name: sum(row[name] for row in of_minutes.get((kind, objective), [])) for name in ("minutes", "good_minutes")}
        rule = told.get((kind, objective))
        budget, target = (rule.budget, rule.target) if rule else ("deliveries", None)
        part, whole = (good["good_minutes"], good["minutes"]) if budget == "minutes" else (sums["success"], sums["success"] + sums["fail"])
        about = {"kind": kind, "objective": objective, "budget": budget, "target": target, "attained": part / whole if whole else None}
        found.append(sums | good | about)
    order = {key: position for position, key in enumerate(told)}
    return sorted(found, key=lambda row: (order.get((row["kind"], row["objective"]), len(order)), row["kind"], row["objective"]))
