"""OpenSLO v1 documents as the specification has them: what a key may be called and what it may hold.

Here: one model per kind, strict about keys, after https://github.com/OpenSLO/OpenSLO (`openslo/v1`). Not here: what a document means to us
(`pipelines.rules.openslo`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

API_VERSION = "openslo/v1"
_DURATION = r"^[1-9][0-9]*[mhdwMQY]$"

Name = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[a-z0-9][a-z0-9-.|/\\]*$")]
Duration = Annotated[str, Field(pattern=_DURATION)]
Operator = Literal["lte", "gte", "lt", "gt"]
Description = Annotated[str, Field(max_length=1050)]


class _Part(BaseModel):
    """A part of a document: strict about its keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel)


class Metadata(_Part):
    """The names of a document, and what its users keep beside them."""

    name: Name
    display_name: str | None = None
    labels: dict[str, str | list[str]] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)


class MetricSource(_Part):
    """Where a metric is from; `spec` is the source's own business."""

    metric_source_ref: str | None = None
    type: str | None = None
    spec: dict[str, Any] = Field(default_factory=dict)


class Metric(_Part):
    """One query of a metric."""

    metric_source: MetricSource


class RatioMetric(_Part):
    """Good or bad events against all of them, or a ratio that is computed already."""

    counter: bool | None = None
    good: Metric | None = None
    bad: Metric | None = None
    total: Metric | None = None
    raw_type: Literal["success", "failure"] | None = None
    raw: Metric | None = None

    @model_validator(mode="after")
    def _is_one_ratio(self) -> RatioMetric:
        given = {name for name in ("good", "bad", "total", "raw") if getattr(self, name) is not None}
        if given not in ({"good", "total"}, {"bad", "total"}, {"raw"}) or (self.raw is not None) != (self.raw_type is not None):
            message = "a ratio is of good and total, or of bad and total, or raw with its rawType"
            raise ValueError(message)
        return self


class SliSpec(_Part):
    """An indicator: a metric to compare with a threshold, or a ratio."""

    description: Description | None = None
    threshold_metric: Metric | None = None
    ratio_metric: RatioMetric | None = None

    @model_validator(mode="after")
    def _is_one_metric(self) -> SliSpec:
        if (self.threshold_metric is None) == (self.ratio_metric is None):
            message = "an indicator has either a thresholdMetric or a ratioMetric"
            raise ValueError(message)
        return self


class Indicator(_Part):
    """An indicator inside of an SLO."""

    metadata: Metadata
    spec: SliSpec


class Calendar(_Part):
    """When a calendar-aligned window starts."""

    start_time: datetime
    time_zone: str


class TimeWindow(_Part):
    """How long the budget lasts."""

    duration: Duration
    is_rolling: bool | None = None
    calendar: Calendar | None = None

    @model_validator(mode="after")
    def _is_rolling_or_aligned(self) -> TimeWindow:
        if bool(self.is_rolling) == (self.calendar is not None):
            message = "a window is rolling (isRolling: true) or has a calendar"
            raise ValueError(message)
        return self


class Threshold(_Part):
    """One objective of an SLO."""

    display_name: str | None = None
    op: Operator | None = None
    value: float | None = None
    target: Annotated[float, Field(ge=0, lt=1)] | None = None
    target_percent: Annotated[float, Field(ge=0, lt=100)] | None = None
    time_slice_target: Annotated[float, Field(gt=0, le=1)] | None = None
    time_slice_window: Annotated[float, Field(gt=0)] | Duration | None = None

    @model_validator(mode="after")
    def _has_one_target(self) -> Threshold:
        if (self.target is None) == (self.target_percent is None):
            message = "an objective has either a target or a targetPercent"
            raise ValueError(message)
        return self


class Condition(_Part):
    """When an alert fires."""

    kind: Literal["burnrate"] = "burnrate"
    op: Operator
    threshold: float
    lookback_window: Duration
    alert_after: Annotated[str, Field(pattern=r"^[0-9]+[mhdwMQY]$")] = "0m"


class AlertConditionSpec(_Part):
    """A condition with its severity."""

    description: Description | None = None
    severity: str
    condition: Condition


class ConditionReference(_Part):
    """A condition that is a document of its own."""

    condition_ref: str


class InlineCondition(_Part):
    """A condition inside of a policy."""

    kind: Literal["AlertCondition"]
    metadata: Metadata
    spec: AlertConditionSpec


class AlertPolicySpec(_Part):
    """A condition, and who is to hear of it."""

    description: Description | None = None
    alert_when_no_data: bool = False
    alert_when_resolved: bool = False
    alert_when_breaching: bool = False
    conditions: list[ConditionReference | InlineCondition] = Field(min_length=1, max_length=1)
    notification_targets: list[dict[str, Any]] = Field(default_factory=list)


class PolicyReference(_Part):
    """A policy that is a document of its own."""

    alert_policy_ref: str


class InlinePolicy(_Part):
    """A policy inside of an SLO."""

    kind: Literal["AlertPolicy"]
    metadata: Metadata
    spec: AlertPolicySpec


class SloSpec(_Part):
    """An objective for an indicator."""

    description: Description | None = None
    service: str | None = None
    indicator: Indicator | None = None
    indicator_ref: str | None = None
    time_window: list[TimeWindow] = Field(default_factory=list, max_length=1)
    budgeting_method: Literal["Occurrences", "Timeslices", "RatioTimeslices"]
    objectives: list[Threshold] = Field(min_length=1)
    alert_policies: list[str | PolicyReference | InlinePolicy] | None = None

    @model_validator(mode="after")
    def _has_one_indicator(self) -> SloSpec:
        if (self.indicator is None) == (self.indicator_ref is None):
            message = "an SLO has either an indicator or an indicatorRef"
            raise ValueError(message)
        return self


class DataSourceSpec(_Part):
    """A metric source that several documents share."""

    description: Description | None = None
    type: str
    connection_details: Any = None


class ServiceSpec(_Part):
    """What SLOs are grouped by."""

    description: Description | None = None


class TargetSpec(_Part):
    """Where a notification goes."""

    description: Description | None = None
    target: str


SPECS: dict[str, type[BaseModel]] = {
    "SLO": SloSpec,
    "SLI": SliSpec,
    "DataSource": DataSourceSpec,
    "Service": ServiceSpec,
    "AlertPolicy": AlertPolicySpec,
    "AlertCondition": AlertConditionSpec,
    "AlertNotificationTarget": TargetSpec,
}
