"""How each objective stands over its window, or over hours that were asked for.

Here: which stretch of time an objective looks at, and `standings`. Not here: the arithmetic (`sql/slo/_standing.sql`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from lake_schema import Grain
from pipelines.errors import LorgnetteError, UsageError
from pipelines.lake import bucket_end, bucket_start
from pipelines.refresh import rules_in_force
from pipelines.refresh.batch import Batch, Span, connection
from pipelines.refresh.cursors import Cursor
from pipelines.refresh.partitions import Partitions
from pipelines.rules import objectives
from pipelines.sql_files import load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb

    from pipelines.config import Settings
    from pipelines.lake import Lake
    from pipelines.rules.objectives import Alert, Objective

Row = dict[str, Any]
MINUTES_FROM = "select from_at - interval 3 day as from_at from params"
_MONTHS = {"1M": 1, "1Q": 3, "1Y": 12}


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked about.

    Args:
        cluster: The cluster.
        from_at: Only deliveries from this hour on; each objective's own window if neither is given.
        to_at: Only deliveries before this hour's end.
        namespace: Only this namespace; the whole cluster if None.
    """

    cluster: str
    from_at: datetime | None = None
    to_at: datetime | None = None
    namespace: str | None = None

    @property
    def scope(self) -> tuple[str, str]:
        """Scope and value of the rows of the SLO tables."""
        return ("namespace", self.namespace) if self.namespace is not None else ("cluster", self.cluster)


def standings(lake: Lake, settings: Settings, query: Query, timeout_s: float | None = None) -> list[Row]:
    """One row per objective, in the order of the rules.

    Args:
        lake: The lake.
        settings: Rules and limits.
        query: What is asked about.
        timeout_s: How long each of its queries may take; as long as it takes if None.

    Raises:
        LorgnetteError: The lake holds nothing of the cluster, or a table of another version.
    """
    rules = rules_in_force(settings, query.cluster)
    told = [objectives.parse(rule, "objectives") for rule in rules["objectives"]]
    graph = load()
    partitions = Partitions(lake, query.cluster, graph)
    with connection(lake, settings, rules, timeout_s) as con:
        batch = Batch([Cursor(con)], lake, graph, partitions)
        return standing(con, batch, told, partitions, query)


def standing(con: duckdb.DuckDBPyConnection, batch: Batch, told: Sequence[Objective], partitions: Partitions, query: Query) -> list[Row]:
    """The rows of `_standing`, each objective over its own stretch of time."""
    batch.give("_minutes_from", MINUTES_FROM)
    spans: dict[Span, list[Objective]] = {}
    for each in told:
        spans.setdefault(span_of(each, partitions, query), []).append(each)
    found: dict[tuple[str, str], Row] = {}
    for span, of_span in spans.items():
        batch.compute("_standing", span, into="standing")
        rows = con.sql("from standing where scope = $scope and scope_value = $value", params=dict(zip(("scope", "value"), query.scope, strict=True)))
        by_key = {(row["kind"], row["objective"]): row for row in rows.to_arrow_table().to_pylist()}
        for each in of_span:
            row = by_key.get((each.kind, each.objective))
            if row is not None:
                found[each.kind, each.objective] = _row(row, each, span, partitions)
    return [found[each.kind, each.objective] for each in told if (each.kind, each.objective) in found]


def span_of(objective: Objective, partitions: Partitions, query: Query) -> Span:
    """The hours that an objective is looked at over.

    Raises:
        LorgnetteError: Nothing was read of the cluster.
        UsageError: `from_at` is not before `to_at`.
    """
    if partitions.watermark_at is None:
        raise LorgnetteError(
            "Nothing has been read of this cluster yet", where=query.cluster, remedy="Run `lorgnette ingest PATH... --cluster NAME` first."
        )
    hour_end = bucket_end(Grain.HOUR, bucket_start(Grain.HOUR, partitions.watermark_at))
    if query.from_at or query.to_at:
        first = bucket_start(Grain.HOUR, query.from_at) if query.from_at else min(partitions.hours, default=partitions.watermark_at)
        last = _ceiling(query.to_at) if query.to_at else hour_end
        if first >= last:
            raise UsageError(f"There is no time from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}", remedy="Give --from before --to.")
        return Span(first, last)
    if objective.window in _MONTHS:
        month = bucket_start(Grain.MONTH, partitions.watermark_at)
        first_month = month.month - (month.month - 1) % _MONTHS[objective.window]
        return Span(month.replace(month=first_month), hour_end)
    return Span(bucket_start(Grain.DAY, partitions.watermark_at) - timedelta(days=int(objective.window[:-1]) - 1), hour_end)


def is_firing(alert: Alert, row: Mapping[str, Any]) -> bool:
    """Whether an alert's burn rate is reached at the end of a row's stretch."""
    rate = row[f"burn_rate_{alert.window}"]
    if rate is None:
        return False
    return bool(
        {"gt": rate > alert.burn_rate, "gte": rate >= alert.burn_rate, "lt": rate < alert.burn_rate, "lte": rate <= alert.burn_rate}[alert.op]
    )


def _row(row: Row, objective: Objective, span: Span, partitions: Partitions) -> Row:
    counts = ("total", "success", "fail", "kill", "pending", "fail_platform", "fail_capacity", "fail_user", "fail_unknown")
    whole = {name: int(row[name]) for name in counts}
    firing = [alert.name for alert in objective.alerts if is_firing(alert, row)]
    stretch = {"from_at": span.from_at, "to_at": span.to_at, "watermark_at": partitions.watermark_at}
    return {**row, **whole, **stretch, "window": objective.window, "limits": limits_in_words(objective), "firing": firing}


def limits_in_words(objective: Objective) -> str:
    """The limits in one line: `480 s long_running, 90 s run_to_completion`."""
    told: dict[str, list[str]] = {}
    for limits in (objective.limits, objective.namespaces, objective.workload_kinds):
        for name, limit_s in limits.items():
            told.setdefault("none" if limit_s is None else f"{limit_s:g} s", []).append(name)
    if len(told) == 1:
        return next(iter(told))
    return ", ".join(f"{limit} {' '.join(names)}" for limit, names in told.items())


def _ceiling(at: datetime) -> datetime:
    floor = bucket_start(Grain.HOUR, at)
    return floor if floor == at else bucket_end(Grain.HOUR, floor)
