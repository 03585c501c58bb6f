"""OpenSLO v1 documents as objectives of ours.

Here: which documents are understood, what their keys mean, and a reason for each that is not. Our metric source has the type `lorgnette`; its
`spec` names `kind` and `objective`, and may narrow them by `namespace` or `workloadKind`. Not here: the specification itself
(`openslo_model`), the form of our own rules (`objectives`) and the way back (`openslo_writer`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from pipelines.rules.objectives import BURN_WINDOWS
from pipelines.rules.openslo_model import (
    API_VERSION,
    SPECS,
    AlertConditionSpec,
    AlertPolicySpec,
    Metadata,
    MetricSource,
    PolicyReference,
    SliSpec,
    SloSpec,
    Threshold,
    TimeWindow,
)
from pipelines.rules.rule_error import RuleError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SOURCE_TYPE = "lorgnette"
_UTC = {"UTC", "GMT", "Etc/UTC", "Etc/GMT", "Etc/UCT", "Etc/Zulu", "Zulu"}
_HOURS_AND_DAYS = {"60m": "1h", "120m": "2h", "24h": "1d", "72h": "3d"}
_DAYS_A_WEEK = 7


class Selector(BaseModel):
    """The `spec` of our metric source.

    Args:
        kind: A kind of delivery, such as `pod_create`, or `api_call`.
        objective: Its objective, such as `wall`.
        namespace: Only deliveries in this namespace.
        workload_kind: Only deliveries of this kind of workload.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel)

    kind: str
    objective: str
    namespace: str | None = None
    workload_kind: str | None = None


def is_openslo(documents: Sequence[object]) -> bool:
    """Whether documents are OpenSLO's and not rules of ours."""
    return any(isinstance(each, dict) and str(each.get("apiVersion", "")).startswith("openslo") for each in documents)


def read(documents: Sequence[object], where: str) -> list[dict[str, Any]]:
    """Rules of the set `objectives` from OpenSLO documents; documents that refer to each other may stand in any order.

    Raises:
        RuleError: A document is none of OpenSLO v1, or asks for what we cannot do.
    """
    shelf = _Shelf(documents, where)
    return [shelf.objective(name, slo) for name, slo in shelf.of_kind("SLO")]


class _Shelf:
    """The documents of one file by kind and name."""

    def __init__(self, documents: Sequence[object], where: str) -> None:
        self._where = where
        self._found: dict[tuple[str, str], tuple[Metadata, Any]] = {}
        for number, document in enumerate(documents, 1):
            if document is not None:
                kind, metadata, spec = self._checked(document, number)
                self._found[kind, metadata.name] = (metadata, spec)

    def of_kind(self, kind: str) -> list[tuple[str, Any]]:
        """Names and specs of all documents of a kind, in their order."""
        return [(name, spec) for (each, name), (_, spec) in self._found.items() if each == kind]

    def objective(self, name: str, slo: SloSpec) -> dict[str, Any]:
        """What an SLO says, as a rule of ours."""
        where = f"SLO {name}"
        indicator = slo.indicator.spec if slo.indicator else self._referred("SLI", str(slo.indicator_ref), where)
        selector = self._selector(indicator, where)
        if len(slo.objectives) > 1:
            raise self._cannot(
                where, "it has several objectives, and we keep one target for each kind and objective", "Write one SLO for each, with a `namespace`."
            )
        (wanted,) = slo.objectives
        target = wanted.target if wanted.target is not None else round(float(wanted.target_percent or 0) / 100, 12)
        if not target:
            raise self._cannot(where, "a target of 0 promises nothing", "Give it a target above 0.")
        rule: dict[str, Any] = {"kind": selector.kind, "objective": selector.objective}
        limit = self._limit(indicator, wanted, where)
        budget = self._budget(slo, wanted, where)
        scope, value = ("namespace", selector.namespace) if selector.namespace else ("workload_kind", selector.workload_kind)
        if value is None:
            window = [self._window(each, where) for each in slo.time_window]
            rule |= {"target": target, **budget, "alerts": list(self._alerts(slo, where)), **({"window": window[0]} if window else {})}
            return rule | ({"limit": limit} if limit is not None else {})
        if budget["budget"] == "minutes" or slo.alert_policies:
            raise self._cannot(
                where,
                f"a {scope} has no way of counting and no alerts of its own",
                "Use Occurrences without alertPolicies, or leave out the narrowing.",
            )
        limits = {"namespaces" if scope == "namespace" else "workload_kinds": {value: limit}} if limit is not None else {}
        return rule | {"targets": {scope: {value: target}}} | limits

    def _checked(self, document: object, number: int) -> tuple[str, Metadata, Any]:
        where = f"document {number}"
        if not isinstance(document, dict):
            raise self._cannot(where, "it is no mapping", "An OpenSLO document has apiVersion, kind, metadata and spec.")
        version, kind = document.get("apiVersion"), document.get("kind")
        if version != API_VERSION:
            raise self._cannot(where, f"its apiVersion is {version}", f"Write it for {API_VERSION}.")
        if kind not in SPECS:
            raise self._cannot(where, f"there is no kind {kind}", f"Kinds are {', '.join(SPECS)}.")
        try:
            metadata = Metadata.model_validate(document.get("metadata"))
            spec = SPECS[kind].model_validate(document.get("spec"))
        except ValidationError as error:
            problem = error.errors()[0]
            place = ".".join(str(part) for part in problem["loc"])
            name = (document.get("metadata") or {}).get("name", where) if isinstance(document.get("metadata"), dict) else where
            raise self._cannot(
                f"{kind} {name}", f"{place}: {problem['msg']}".removeprefix(": "), "Compare it with the OpenSLO specification, version v1."
            ) from error
        extra = document.keys() - {"apiVersion", "kind", "metadata", "spec"}
        if extra:
            raise self._cannot(f"{kind} {metadata.name}", f"{min(extra)} is no key of a document", "Move it into `spec`, or take it out.")
        return kind, metadata, spec

    def _referred(self, kind: str, name: str, where: str) -> Any:  # noqa: ANN401 - a spec of any kind
        if (kind, name) not in self._found:
            raise self._cannot(where, f"it refers to the {kind} {name}, which is not in the file", "Put both into one file.")
        return self._found[kind, name][1]

    def _selector(self, indicator: SliSpec, where: str) -> Selector:
        """What the metric is about: all its queries must name the same."""
        ratio = indicator.ratio_metric
        metrics = (
            [indicator.threshold_metric]
            if indicator.threshold_metric
            else [each for each in (ratio.good, ratio.bad, ratio.total, ratio.raw) if each]
            if ratio
            else []
        )
        selectors = [self._of_source(each.metric_source, where) for each in metrics if each]
        if len(set(selectors)) != 1:
            raise self._cannot(
                where, "its queries are about different things", "Name the same kind and objective in each: we count what is good, bad and all of it."
            )
        return selectors[0]

    def _of_source(self, source: MetricSource, where: str) -> Selector:
        type_ = source.type or (self._referred("DataSource", source.metric_source_ref, where).type if source.metric_source_ref else None)
        if str(type_).lower() != SOURCE_TYPE:
            raise self._cannot(
                where,
                f"its metric source is of the type {type_}",
                f"Only the type {SOURCE_TYPE} can be read: its `spec` names `kind` and `objective`.",
            )
        try:
            return Selector.model_validate(source.spec)
        except ValidationError as error:
            problem = error.errors()[0]
            raise self._cannot(
                where,
                f"metricSource.spec.{'.'.join(map(str, problem['loc']))}: {problem['msg']}",
                "It takes kind, objective, and namespace or workloadKind.",
            ) from error

    def _limit(self, indicator: SliSpec, wanted: Threshold, where: str) -> float | None:
        if indicator.threshold_metric is None:
            return None
        if wanted.op != "lte" or wanted.value is None or wanted.value <= 0:
            raise self._cannot(
                where, "a time is compared by `op: lte` with a `value` in seconds", "Write op: lte and value: 120, or use a ratioMetric."
            )
        return wanted.value

    def _budget(self, slo: SloSpec, wanted: Threshold, where: str) -> dict[str, Any]:
        if slo.budgeting_method == "Occurrences":
            return {"budget": "deliveries"}
        if slo.budgeting_method == "RatioTimeslices":
            raise self._cannot(
                where, "RatioTimeslices averages the ratios of slices, which weighs an idle minute like a busy one", "Use Occurrences or Timeslices."
            )
        if wanted.time_slice_target is None or wanted.time_slice_window not in ("1m", 1):
            raise self._cannot(where, "time slices are minutes here", "Give the objective a timeSliceTarget and timeSliceWindow: 1m.")
        return {"budget": "minutes", "minute_target": wanted.time_slice_target}

    def _window(self, window: TimeWindow, where: str) -> str:
        number, unit = int(window.duration[:-1]), window.duration[-1]
        if window.calendar is None:
            if unit not in "dw":
                raise self._cannot(where, f"a rolling window of {window.duration} has no whole days", "Roll over days or weeks, such as 28d or 4w.")
            return f"{number * (_DAYS_A_WEEK if unit == 'w' else 1)}d"
        start = window.calendar.start_time
        if window.calendar.time_zone not in _UTC:
            raise self._cannot(where, f"its calendar is that of {window.calendar.time_zone}, and days of the lake are UTC", "Use timeZone: Etc/UTC.")
        if (number, unit) not in {(1, "M"), (1, "Q"), (1, "Y")} or (start.day, start.hour, start.minute, start.second) != (1, 0, 0, 0):
            raise self._cannot(where, f"a calendar window of {window.duration} from {start}", "Use 1M, 1Q or 1Y from the first of a month, 00:00:00.")
        first_months = {"M": range(1, 13), "Q": (1, 4, 7, 10), "Y": (1,)}[unit]
        if start.month not in first_months:
            raise self._cannot(
                where,
                f"no {unit} of the calendar starts in month {start.month}",
                "Quarters start in January, April, July and October, years in January.",
            )
        return window.duration

    def _alerts(self, slo: SloSpec, where: str) -> Iterator[dict[str, Any]]:
        for each in slo.alert_policies or ():
            reference = each if isinstance(each, str) else each.alert_policy_ref if isinstance(each, PolicyReference) else None
            policy = each.spec if not isinstance(each, str | PolicyReference) else self._referred("AlertPolicy", str(reference), where)
            name = each.metadata.name if not isinstance(each, str | PolicyReference) else str(reference)
            yield self._alert(policy, name, where)

    def _alert(self, policy: AlertPolicySpec, name: str, where: str) -> dict[str, Any]:
        (each,) = policy.conditions
        spec: AlertConditionSpec = self._referred("AlertCondition", each.condition_ref, where) if not hasattr(each, "spec") else each.spec
        condition = spec.condition
        window = _HOURS_AND_DAYS.get(condition.lookback_window, condition.lookback_window)
        if window not in BURN_WINDOWS:
            raise self._cannot(where, f"there is no burn rate over {condition.lookback_window}", f"Look back over one of {', '.join(BURN_WINDOWS)}.")
        return {"name": name, "window": window, "burn_rate": condition.threshold, "op": condition.op, "severity": spec.severity}

    def _cannot(self, where: str, why: str, remedy: str) -> RuleError:
        return RuleError.bad_openslo(self._where, where, why, remedy)
