"""Objectives: what a rule of the set `objectives` may say, how a user's one changes a built-in one, and the tables that the queries read.

Here: the model with its checks, and rows for `objectives`, `objective_limits` and `objective_targets`. Not here: the built-in objectives
(`objectives.yaml`), OpenSLO documents (`openslo`), and judging (`sql/delivery`, `sql/slo`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from pipelines.rules.rule_error import RuleError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BURN_WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
KEY = ("kind", "objective")
_WINDOW = re.compile(r"[1-9][0-9]*d|1[MQY]")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")

Scope = Literal["namespace", "workload_kind", "size_class", "api_resource"]
Share = Annotated[float, Field(gt=0, le=1)]
Limit = Annotated[float, Field(gt=0)]


def _window(text: str) -> str:
    if not _WINDOW.fullmatch(text):
        message = f"{text!r} is no window: write days that roll, such as 28d, or a calendar's 1M, 1Q or 1Y"
        raise ValueError(message)
    return text


def seconds(text: str | float) -> float:
    """A limit in seconds, as a number or as people write it: `120`, `120s`, `2m`, `1h30m`.

    Raises:
        ValueError: It is no duration.
    """
    if isinstance(text, int | float):
        return float(text)
    parts = _DURATION.findall(text)
    if parts and "".join(number + unit for number, unit in parts) == text:
        return sum(float(number) * _UNITS[unit] for number, unit in parts)
    try:
        return float(text)
    except ValueError:
        message = f"{text!r} is no duration: write seconds, or 500ms, 120s, 2m, 1h30m"
        raise ValueError(message) from None


class Alert(BaseModel):
    """A burn rate that somebody wants to hear of.

    Args:
        name: What it is called.
        window: The window of the burn rate, one of `5m`, `30m`, `1h`, `2h`, `6h`, `1d`, `3d`.
        burn_rate: It fires at this multiple of what the target allows.
        op: How the burn rate is compared.
        severity: As the user names it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    window: Literal["5m", "30m", "1h", "2h", "6h", "1d", "3d"]
    burn_rate: float = Field(gt=0)
    op: Literal["gt", "gte", "lt", "lte"] = "gte"
    severity: str | None = None


class Objective(BaseModel):
    """One objective of one kind of delivery, or of API calls.

    Args:
        kind: `pod_create`, `pod_delete` … or `api_call`.
        objective: Its name.
        display_name: What people call it.
        target: The share that should succeed: of deliveries, or of minutes if `budget` says so.
        minute_target: The share of a minute that makes it a good one; the target if left out.
        budget: What the error budget is counted in.
        window: What `lorgnette slo` looks at: `28d` rolls, `1M`, `1Q` and `1Y` are calendar months, quarters and years in UTC.
        limit: One limit in seconds for everything, in place of `limits`.
        limits: The limits in seconds by what the delivery is; null promises nothing.
        namespaces: Limits of single namespaces, which win.
        workload_kinds: Limits of single kinds of workload, such as StatefulSet.
        targets: Targets of their own by scope and value, such as `{namespace: {batch: 0.95}}`.
        alerts: Burn rates to hear of.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    objective: str
    display_name: str | None = None
    target: Share | None = None
    minute_target: Share | None = None
    budget: Literal["deliveries", "minutes"] = "deliveries"
    window: Annotated[str, AfterValidator(_window)] = "1M"
    limit: Limit | None = None
    limits: dict[str, Limit | None] = Field(default_factory=dict)
    namespaces: dict[str, Limit] = Field(default_factory=dict)
    workload_kinds: dict[str, Limit] = Field(default_factory=dict)
    targets: dict[Scope, dict[str, Share]] = Field(default_factory=dict)
    alerts: list[Alert] = Field(default_factory=list)


def merged(own: Sequence[Mapping[str, Any]], others: Sequence[Mapping[str, Any]], where: str) -> list[dict[str, Any]]:
    """A user's objectives over the others: what one leaves out stays as it was.

    Args:
        own: Rules of the user.
        others: Rules that they come before.
        where: The user's file, for messages.

    Raises:
        RuleError: A rule says what cannot be.
    """
    known = {_key(rule): dict(rule) for rule in others}
    changed: dict[tuple[Any, ...], dict[str, Any]] = {}
    for rule in own:
        combined = _over(changed.get(_key(rule), known.get(_key(rule), {})), rule)
        parse(combined, where)
        if not combined.get("limits"):
            raise RuleError.bad_objective(where, rule, "it has no limits", "Give it `limits`, such as {all: 600}.")
        changed[_key(rule)] = combined
    return [*changed.values(), *(rule for key, rule in known.items() if key not in changed)]


def parse(rule: Mapping[str, Any], where: str) -> Objective:
    """A rule of the set `objectives`, checked.

    Raises:
        RuleError: It says what cannot be.
    """
    try:
        return Objective.model_validate(rule)
    except ValidationError as error:
        problem = error.errors()[0]
        name = ".".join(str(part) for part in problem["loc"])
        what = f"`{name}` is no key of an objective" if problem["type"] == "extra_forbidden" else f"`{name}`: {problem['msg']}"
        raise RuleError.bad_objective(where, rule, what, "See docs/rules.md for what an objective may say.") from error


def rows(rules: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of the rule table `objectives`."""
    return [{name: getattr(each, name) for name in ("kind", "objective", "target", "minute_target", "budget", "window")} for each in _parsed(rules)]


def limit_rows(rules: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of `objective_limits`: by what a delivery is, by namespace, by kind of workload."""
    return [
        {"kind": each.kind, "objective": each.objective, column: value, "limit_s": limit_s}
        for each in _parsed(rules)
        for column, limits in (("applies_to", each.limits), ("namespace", each.namespaces), ("workload_kind", each.workload_kinds))
        for value, limit_s in limits.items()
    ]


def target_rows(rules: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of `objective_targets`: the targets of single values of a scope."""
    return [
        {"kind": each.kind, "objective": each.objective, "scope": scope, "scope_value": value, "target": target}
        for each in _parsed(rules)
        for scope, targets in each.targets.items()
        for value, target in targets.items()
    ]


def _parsed(rules: Sequence[Mapping[str, Any]]) -> list[Objective]:
    return [parse(rule, "objectives") for rule in rules]


def _key(rule: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(rule.get(name) for name in KEY)


def _over(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """One rule over another: what is said of single namespaces and kinds of workload adds up, anything else takes the place of what was.

    A `limit` is written out: it holds for everything, single namespaces and kinds of workload too.
    """
    combined = {**old, **new}
    limit = combined.pop("limit", None)
    if limit is not None:
        combined |= {"limits": dict.fromkeys(old.get("limits") or ["all"], limit), "namespaces": {}, "workload_kinds": {}}
        old = {}
    for name in ("namespaces", "workload_kinds"):
        if old.get(name) and new.get(name):
            combined[name] = {**old[name], **new[name]}
    if old.get("targets") and new.get("targets"):
        combined["targets"] = {
            scope: {**old["targets"].get(scope, {}), **new["targets"].get(scope, {})} for scope in {**old["targets"], **new["targets"]}
        }
    return combined
