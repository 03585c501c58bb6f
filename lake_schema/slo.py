"""The SLO tables: `slo_minutely`, `slo_hourly`, `slo_daily` and `slo_monthly`, alike but for their bucket."""

from __future__ import annotations

from lake_schema.common import CLUSTER, KIND, OBJECTIVE, SCOPE, SCOPE_VALUE, bucket_at, count, rate
from lake_schema.model import SECONDS, TEXTS, Column, Grain, Table

_COUNTS = (
    count("total", "Deliveries that started in the bucket and have a verdict."),
    count("success", "Verdict SUCCESS."),
    count("fail", "Verdict FAIL."),
    count("kill", "Verdict KILL: deleted before its deadline and delivery; in no rate."),
    count("pending", "Verdict PENDING: not yet decided at the watermark; in no rate."),
    count("unsettled", "Delivered, but broke within the settling time."),
    count("fail_platform", "FAIL with fault `platform`."),
    count("fail_capacity", "FAIL with fault `capacity`."),
    count("fail_user", "FAIL with fault `user`."),
    count("fail_unknown", "FAIL with fault `unknown`."),
    rate("success_rate", "success / (success + fail); null over none."),
    rate("platform_success_rate", "success / (success + fail without fault `user`); null over none."),
    Column("top_errors", TEXTS, "The most frequent error codes of FAIL as `code=count`, most first."),
)

_LONG = (
    count("good_minutes", "Minutes in which the objective's share of what was decided was within the limit."),
    count("minutes", "Minutes with at least one decided delivery (or timed API call)."),
    Column(
        "budget_left",
        SECONDS,
        "Share of the error budget that is left: 1 is untouched, below 0 is overspent; null over none. In deliveries or in minutes, as the objective says.",
    ),
    *(
        Column(f"burn_rate_{window}", SECONDS, f"Error rate of the {words} up to the bucket's end, as a multiple of what the target allows.")
        for window, words in (
            ("5m", "5 minutes"),
            ("30m", "30 minutes"),
            ("1h", "hour"),
            ("2h", "2 hours"),
            ("6h", "6 hours"),
            ("1d", "day"),
            ("3d", "3 days"),
        )
    ),
)


def _table(name: str, grain: Grain, length: str, extra: tuple[Column, ...] = ()) -> Table:
    return Table(
        name=name,
        zone="slo",
        grain=grain,
        instant="bucket_at",
        description=f"Verdicts per {length}, kind, objective and scope, by the delivery's start.",
        columns=(CLUSTER, bucket_at(length), KIND, OBJECTIVE, SCOPE, SCOPE_VALUE, *_COUNTS, *extra),
        primary_key=("bucket_at", "kind", "objective", "scope", "scope_value"),
    )


MINUTELY = _table("slo_minutely", Grain.HOUR, "minute")
HOURLY = _table("slo_hourly", Grain.HOUR, "hour")
DAILY = _table("slo_daily", Grain.DAY, "day", _LONG)
MONTHLY = _table("slo_monthly", Grain.MONTH, "calendar month (UTC)", _LONG)
