"""Objectives of ours as OpenSLO v1 documents.

Here: a Service per kind, an SLO per target. Limits stay in the rules: OpenSLO knows one threshold, and ours go by what a delivery is. Not here:
reading (`openslo`).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from pipelines.rules.objectives import parse
from pipelines.rules.openslo import SOURCE_TYPE
from pipelines.rules.openslo_model import API_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pipelines.rules.objectives import Objective

# The specification wants somebody to be notified; `lorgnette slo` shows what fires, and that is all.
_TARGET = "lorgnette-slo"
_MOST_OF_A_NAME = 63


def write(rules: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Objectives of ours as OpenSLO documents: a Service per kind, an SLO per target."""
    objectives = [parse(rule, "objectives") for rule in rules]
    for kind in dict.fromkeys(each.kind for each in objectives):
        yield _document("Service", _slug(kind), {"description": f"Lorgnette: {kind}"})
    if any(each.alerts for each in objectives):
        yield _document("AlertNotificationTarget", _TARGET, {"target": _TARGET, "description": "Shown by `lorgnette slo`."})
    for each in objectives:
        if each.target is not None and each.target < 1:
            yield _slo(each, each.target, {})
        for scope, key in (("namespace", "namespace"), ("workload_kind", "workloadKind")):
            for value, target in each.targets.get(scope, {}).items():  # type: ignore[call-overload]
                yield _slo(each, target, {key: value})


def _slo(objective: Objective, target: float, narrowed: dict[str, str]) -> dict[str, Any]:
    """One target as an SLO."""
    name = _slug("-".join((objective.kind, objective.objective, *narrowed.values())))
    # One mapping for each place: YAML would write the second as an alias of the first.
    good, total = (
        {"metricSource": {"type": SOURCE_TYPE, "spec": {"kind": objective.kind, "objective": objective.objective, **narrowed}}} for _ in range(2)
    )
    threshold: dict[str, Any] = {"target": target}
    is_in_minutes = objective.budget == "minutes" and not narrowed
    if objective.display_name:
        threshold = {"displayName": objective.display_name, **threshold}
    if is_in_minutes:
        threshold |= {"timeSliceTarget": objective.minute_target or target, "timeSliceWindow": "1m"}
    spec: dict[str, Any] = {
        "service": _slug(objective.kind),
        "indicator": {"metadata": {"name": name}, "spec": {"ratioMetric": {"counter": False, "good": good, "total": total}}},
        "timeWindow": [_time_window(objective.window)],
        "budgetingMethod": "Timeslices" if is_in_minutes else "Occurrences",
        "objectives": [threshold],
    }
    if objective.alerts and not narrowed:
        spec["alertPolicies"] = [_policy(alert.model_dump()) for alert in objective.alerts]
    return _document("SLO", name, spec)


def _policy(alert: dict[str, Any]) -> dict[str, Any]:
    condition = {"kind": "burnrate", "op": alert["op"], "threshold": alert["burn_rate"], "lookbackWindow": alert["window"], "alertAfter": "1m"}
    inline = {
        "kind": "AlertCondition",
        "metadata": {"name": _slug(alert["name"])},
        "spec": {"severity": alert["severity"] or "page", "condition": condition},
    }
    return {
        "kind": "AlertPolicy",
        "metadata": {"name": _slug(alert["name"])},
        "spec": {
            "alertWhenNoData": False,
            "alertWhenResolved": False,
            "alertWhenBreaching": True,
            "conditions": [inline],
            "notificationTargets": [{"targetRef": _TARGET}],
        },
    }


def _time_window(window: str) -> dict[str, Any]:
    if window.endswith("d"):
        return {"duration": window, "isRolling": True}
    return {"duration": window, "isRolling": False, "calendar": {"startTime": "2026-01-01 00:00:00", "timeZone": "Etc/UTC"}}


def _document(kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": name}, "spec": spec}


def _slug(name: str) -> str:
    """A name as OpenSLO wants it: a DNS label. What is too long for one keeps its beginning and says by a digest which it is."""
    label = "".join(char if char.isascii() and char.isalnum() else "-" for char in name.lower()).strip("-")
    if len(label) <= _MOST_OF_A_NAME:
        return label
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{label[: _MOST_OF_A_NAME - len(digest) - 1].rstrip('-')}-{digest}"
