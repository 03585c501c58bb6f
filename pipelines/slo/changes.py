"""Other limits and targets: what `pod_create/wall=120s` means, and the rules as they would be.

Here: `Change` and `changed_rules`. Not here: what follows from them (`what_if`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.errors import UsageError
from pipelines.rules import objectives

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PARTS = (2, 3)


@dataclass(frozen=True, slots=True)
class Change:
    """Another limit for an objective.

    Args:
        kind: The kind of delivery, or `api_call`.
        objective: The objective.
        applies_to: Only this limit of it, such as `typical`; all of them if None, single namespaces' too.
        limit_s: The limit in seconds.
    """

    kind: str
    objective: str
    applies_to: str | None
    limit_s: float

    @classmethod
    def parsed(cls, text: str) -> Change:
        """As people write it: `pod_create/wall=120s`, `pod_create/platform/typical=1m`.

        Raises:
            UsageError: It is not written so.
        """
        name, separator, limit = text.partition("=")
        parts = name.split("/")
        if not separator or len(parts) not in _PARTS or not all(parts):
            raise UsageError(
                f"{text!r} is no limit", remedy="Write KIND/OBJECTIVE=SECONDS, such as pod_create/wall=120s or pod_create/platform/typical=1m."
            )
        try:
            limit_s = objectives.seconds(limit)
        except ValueError as error:
            raise UsageError(f"{text!r} is no limit: {error}", remedy="Write the limit as 500ms, 120s, 2m or 1h30m.") from error
        if not 0 < limit_s < float("inf"):
            raise UsageError(f"{text!r} is no limit: it must be above 0", remedy="Write the limit as 500ms, 120s, 2m or 1h30m.")
        return cls(parts[0], parts[1], parts[2] if len(parts) > _PARTS[0] else None, limit_s)


def share(text: str) -> float:
    """A target as people write it: `99%`, `99.9 %` or `0.999`.

    Raises:
        UsageError: It is no share.
    """
    number = text.strip().removesuffix("%").strip()
    try:
        value = round(float(number) / (100 if "%" in text else 1), 12)
    except ValueError:
        value = 0.0
    if not 0 < value <= 1:
        raise UsageError(f"{text!r} is no target", remedy="Write a share above 0 and up to 100%, such as 99.5% or 0.995.")
    return value


def changed_rules(
    rules: Mapping[str, Sequence[Mapping[str, Any]]], changes: Sequence[Change], target: float | None
) -> dict[str, list[dict[str, Any]]]:
    """The rules as they would be with other limits, and another target for the objectives whose limit changes.

    Raises:
        UsageError: There is no such objective, or no such limit of it.
    """
    told = [dict(rule) for rule in rules["objectives"]]
    for change in changes:
        rule = next((each for each in told if (each["kind"], each["objective"]) == (change.kind, change.objective)), None)
        if rule is None:
            known = ", ".join(f"{each['kind']}/{each['objective']}" for each in told)
            raise UsageError(f"There is no objective {change.kind}/{change.objective}", remedy=f"Objectives are {known}.")
        _set(rule, change)
        if target is not None:
            rule["target"] = target
    return {name: [dict(each) for each in of_set] for name, of_set in rules.items()} | {"objectives": told}


def _set(rule: dict[str, Any], change: Change) -> None:
    limits = rule["limits"]
    if change.applies_to is None:
        rule |= {"limits": dict.fromkeys(limits, change.limit_s), "namespaces": {}, "workload_kinds": {}}
    elif change.applies_to in limits:
        rule["limits"] = {**limits, change.applies_to: change.limit_s}
    else:
        raise UsageError(
            f"{change.kind}/{change.objective} has no limit for {change.applies_to}",
            remedy=f"It has limits for {', '.join(limits)}; leave the part out to change all.",
        )
