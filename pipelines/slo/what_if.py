"""What if the limits were others: the same deliveries, judged again, without touching the lake.

Here: which deliveries another limit can change at all, judging just those by the very SQL of a refresh from the lake's HyperEvents, and what
then differs. So the answer is that of a refresh under the changed rules, at the price of the deliveries near the limits. Not here: reading
what the user asked for (`changes`) and the arithmetic of budgets (`sql/slo/_standing.sql`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from lake_schema import TABLES, Grain
from pipelines.errors import LorgnetteError
from pipelines.lake import bucket_end, bucket_start
from pipelines.refresh import rules_in_force
from pipelines.refresh.batch import Batch, Span, connection
from pipelines.refresh.cursors import Cursor
from pipelines.refresh.partitions import HOUR, Partitions
from pipelines.rules import objectives
from pipelines.slo.changes import changed_rules
from pipelines.slo.standing import Query, span_of, standing
from pipelines.sql_files import load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb

    from pipelines.config import Settings
    from pipelines.lake import Lake
    from pipelines.rules.objectives import Objective
    from pipelines.slo.changes import Change
    from pipelines.slo.standing import Row

# Budgets and burn rates look back this far.
_LOOK_BACK = timedelta(days=3)
_TOP_CODES = 5
# What a verdict's clock showed is rounded where it is stored.
_ROUNDING_S = 0.001


@dataclass(frozen=True, slots=True)
class WhatIf:
    """One objective as it stands and as it would.

    Args:
        stored: Its row by the verdicts of the lake; None without deliveries.
        changed: Its row under the other limit.
        flips: How many deliveries go from one verdict to another, such as `SUCCESS → FAIL`.
        top_codes: What deliveries would fail by, most first: code, fault, and failures as stored and as changed.
        rejudged: How many deliveries were judged again: the others cannot change.
    """

    kind: str
    objective: str
    stored: Row | None
    changed: Row | None
    flips: dict[str, int]
    top_codes: list[Row]
    rejudged: int


def what_if(lake: Lake, settings: Settings, query: Query, changes: Sequence[Change], target: float | None = None) -> list[WhatIf]:
    """How objectives would stand with other limits.

    Args:
        lake: The lake; it is only read.
        settings: Rules and limits.
        query: The cluster, the hours and the namespace.
        changes: The other limits; several of one objective go together.
        target: Another target for these objectives.

    Raises:
        LorgnetteError: There is no such objective, or the lake does not hold what it takes.
    """
    rules = rules_in_force(settings, query.cluster)
    others = changed_rules(rules, changes, target)
    keys = list(dict.fromkeys((change.kind, change.objective) for change in changes))
    graph = load()
    partitions = Partitions(lake, query.cluster, graph)
    with connection(lake, settings, rules) as con:
        stored = _by_key(standing(con, Batch([Cursor(con)], lake, graph, partitions), _told(rules, keys), partitions, query))
    with connection(lake, settings, others) as con:
        trial = _Trial(con, Batch([Cursor(con)], lake, graph, partitions), partitions, query, _told(others, keys))
        trial.judge()
        changed = _by_key(standing(con, trial.batch, trial.told, partitions, query))
        return [trial.result(key, stored.get(key), changed.get(key)) for key in keys]


class _Trial:
    """The verdicts of some objectives under other rules, as temporary tables of one connection."""

    def __init__(self, con: duckdb.DuckDBPyConnection, batch: Batch, partitions: Partitions, query: Query, told: Sequence[Objective]) -> None:
        self._con, self.batch, self._partitions, self._query, self.told = con, batch, partitions, query, told
        self._spans = {(each.kind, each.objective): span_of(each, partitions, query) for each in told}
        first = min(span.from_at for span in self._spans.values()) - _LOOK_BACK
        self._span = Span(max(first, min(partitions.hours)), max(span.to_at for span in self._spans.values()))

    def judge(self) -> None:
        """Judge anew, and let the SLO tables of this connection be what follows."""
        if any(each.kind == "api_call" for each in self.told):
            self._time_calls()
        self._collect()
        for span in self._spans_of_candidates():
            self._judge(span)
        self._con.execute(
            "create temp table verdicts_changed as from verdicts_stored anti join candidates using (delivery_id, objective) union all by name from rejudged"
        )
        self.batch.give("verdicts", "from verdicts_changed")
        self.batch.give("deliveries", "{files}")
        self.batch.compute("slo_minutely", self._span, into="slo_minutely_changed")
        self.batch.give("slo_minutely", "from slo_minutely_changed")

    def result(self, key: tuple[str, str], stored: Row | None, changed: Row | None) -> WhatIf:
        """What differs for one objective in its hours."""
        span = self._spans[key]
        params = {"kind": key[0], "objective": key[1], "from_at": span.from_at, "to_at": span.to_at, "namespace": self._query.namespace}
        flips = {f"{row['before']} → {row['after']}": row["deliveries"] for row in self._rows(_FLIPS, params)}
        codes = self._rows(_CODES, params | {"most": _TOP_CODES})
        (rejudged,) = self._rows(_REJUDGED, params)
        return WhatIf(*key, stored, changed, flips, codes, rejudged["deliveries"])

    def _collect(self) -> None:
        """The verdicts of these objectives as stored, and those that another limit can change.

        A verdict stands if its clock was below both limits when it fell. Where there was none yet, or nothing but time to blame, half a limit
        is what tells slow from not slow.
        """
        keys = [{"kind": each.kind, "objective": each.objective, "lowest_s": _lowest_s(each)} for each in self.told if each.kind != "api_call"]
        self._con.execute("create temp table trial (kind varchar, objective varchar, lowest_s double)")
        for key in keys:
            self._con.execute("insert into trial values ($kind, $objective, $lowest_s)", key)
        self.batch.view("verdicts", self._span)
        self.batch.view("deliveries", self._span)
        self._con.execute(_STORED)
        self._con.execute(_CANDIDATES, {"rounding_s": _ROUNDING_S})
        self._con.execute("create temp table rejudged as from verdicts_stored limit 0")
        # Only what is judged again is read; what was refused at once, no limit can change, so the log itself is not needed.
        self.batch.give("hyper_events", "from {files} as facts where kind <> 'Pod' or uid in (select uid from candidates)")
        self.batch.give("pods", "from {files} as pods where uid in (select uid from candidates)")
        for raw in ("audit_events", "objects", "k8s_events"):
            self.batch.give(raw, TABLES[raw].duckdb_empty())

    def _spans_of_candidates(self) -> list[Span]:
        """The hours that hold candidates, day by day."""
        rows = self._rows(
            "select date_trunc('day', started_at) as day_at, min(started_at) as first_at, max(started_at) as last_at from candidates group by 1 order by 1",
            {},
        )
        return [Span(bucket_start(Grain.HOUR, row["first_at"]), bucket_start(Grain.HOUR, row["last_at"]) + HOUR) for row in rows]

    def _judge(self, span: Span) -> None:
        self.batch.compute("diagnoses", span, into="diagnoses_changed")
        self.batch.give("diagnoses", "from (select * exclude (_is_open, _reach_at) from diagnoses_changed)")
        self.batch.compute("verdicts", span, into="verdicts_of_span")
        columns = ", ".join(f'verdicts."{name}"' for name in TABLES["verdicts"].column_names)
        self._con.execute(
            f"insert into rejudged by name select {columns} from verdicts_of_span as verdicts semi join candidates using (delivery_id, objective)"  # noqa: S608 - names of lake_schema
        )

    def _time_calls(self) -> None:
        """API calls are timed anew from the log, hours that no longer hold it excepted."""
        hours = [hour for hour in self._partitions.hours if self._span.from_at <= hour < self._span.to_at]
        if any(self._partitions.is_gone("audit_events", hour) for hour in hours):
            raise LorgnetteError(
                "The log of some of these hours is gone by retention, and with it how long each API call took",
                remedy="Give --from a later hour, or ask about deliveries only.",
            )
        day = bucket_start(Grain.DAY, self._span.from_at)
        self._con.execute("create temp table api_calls_changed as " + TABLES["api_calls_minutely"].duckdb_empty())
        while day < self._span.to_at:
            span = Span(max(day, self._span.from_at), min(bucket_end(Grain.DAY, day), self._span.to_at))
            self.batch.compute("api_calls_minutely", span, into="api_calls_of_span")
            self._con.execute("insert into api_calls_changed by name from api_calls_of_span")
            day = bucket_end(Grain.DAY, day)
        self.batch.give("api_calls_minutely", "from api_calls_changed")

    def _rows(self, query: str, params: Mapping[str, Any]) -> list[Row]:
        rows: list[Row] = (self._con.sql(query, params=dict(params)) if params else self._con.sql(query)).to_arrow_table().to_pylist()
        return rows


_STORED = """
create temp table verdicts_stored as
select verdicts.*
from verdicts semi join trial using (kind, objective)
"""
_CANDIDATES = """
create temp table candidates as
select verdicts.delivery_id, verdicts.objective, deliveries.uid, deliveries.started_at
from verdicts_stored as verdicts
inner join deliveries using (delivery_id)
inner join trial on trial.kind = verdicts.kind and trial.objective = verdicts.objective
where
    deliveries.uid is not null
    and (
        verdicts.limit_s is null
        or verdicts.spent_s + $rounding_s >= case
            when verdicts.verdict = 'SUCCESS' then least(verdicts.limit_s, trial.lowest_s)
            else least(verdicts.limit_s, (select min(lowest_s) from trial)) / 2
        end
    )
"""
_IN_QUESTION = """
    from verdicts_stored as stored
    full join verdicts_changed as changed using (delivery_id, objective)
    where objective = $objective and coalesce(stored.kind, changed.kind) = $kind
        and coalesce(stored.delivery_started_at, changed.delivery_started_at) >= $from_at and coalesce(stored.delivery_started_at, changed.delivery_started_at) < $to_at
        and ($namespace::varchar is null or delivery_id in (select delivery_id from deliveries where namespace = $namespace))
"""
_FLIPS = f"""
select coalesce(stored.verdict, 'none') as before, coalesce(changed.verdict, 'none') as after, count(*) as deliveries
{_IN_QUESTION}
    and stored.verdict is distinct from changed.verdict
group by all
order by deliveries desc, before, after
"""  # noqa: S608 - a constant of this module
_CODES = f"""
select
    error_code, mode(fault order by fault) as fault, count(*) filter (not is_changed) as stored, count(*) filter (is_changed) as changed
from (
    select unnest([
        struct_pack(error_code := case when stored.verdict = 'FAIL' then coalesce(stored.error_code, 'Unknown') end, fault := coalesce(stored.fault, 'unknown'), is_changed := false),
        struct_pack(error_code := case when changed.verdict = 'FAIL' then coalesce(changed.error_code, 'Unknown') end, fault := coalesce(changed.fault, 'unknown'), is_changed := true)
    ], recursive := true)
    {_IN_QUESTION}
)
where error_code is not null and error_code <> 'NamespaceTerminating'
group by error_code
order by changed desc, stored desc, error_code
limit $most
"""  # noqa: S608 - a constant of this module
_REJUDGED = """
select count(*) as deliveries
from candidates
where
    objective = $objective and started_at >= $from_at and started_at < $to_at
    and delivery_id in (select delivery_id from verdicts_stored where kind = $kind)
    and ($namespace::varchar is null or delivery_id in (select delivery_id from deliveries where namespace = $namespace))
"""


def _lowest_s(objective: Objective) -> float:
    """The least of an objective's limits; what is not promised has none."""
    limits = [*objective.limits.values(), *objective.namespaces.values(), *objective.workload_kinds.values()]
    return min((each for each in limits if each is not None), default=0.0)


def _told(rules: Mapping[str, Sequence[Mapping[str, Any]]], keys: Sequence[tuple[str, str]]) -> list[Objective]:
    told = [objectives.parse(rule, "objectives") for rule in rules["objectives"]]
    return [each for each in told if (each.kind, each.objective) in keys]


def _by_key(rows: Sequence[Row]) -> dict[tuple[str, str], Row]:
    return {(row["kind"], row["objective"]): row for row in rows}
