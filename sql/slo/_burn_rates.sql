-- One row per kind, objective and scope: the rate of errors in each window up to the end of the day or month, as a multiple of what the target allows.
-- inputs: _slo_minutes, params
--
-- What the log has not yet seen to its end ends at the watermark.
with bucket as (
    select least(to_at, minute_of(watermark_at + interval 1 minute - interval 1 microsecond)) as ends_at from params
),
windows as (
    select minutes.*, minute_at - ends_at as before_end
    from _slo_minutes as minutes, bucket
    where minute_at >= ends_at - interval 3 day and minute_at < ends_at
)
select
    cluster, kind, objective, scope, scope_value,
    sum(errors) filter (before_end >= -interval 5 minute) / sum(events) filter (before_end >= -interval 5 minute) / any_value(allowed) as burn_rate_5m,
    sum(errors) filter (before_end >= -interval 30 minute) / sum(events) filter (before_end >= -interval 30 minute) / any_value(allowed) as burn_rate_30m,
    sum(errors) filter (before_end >= -interval 1 hour) / sum(events) filter (before_end >= -interval 1 hour) / any_value(allowed) as burn_rate_1h,
    sum(errors) filter (before_end >= -interval 2 hour) / sum(events) filter (before_end >= -interval 2 hour) / any_value(allowed) as burn_rate_2h,
    sum(errors) filter (before_end >= -interval 6 hour) / sum(events) filter (before_end >= -interval 6 hour) / any_value(allowed) as burn_rate_6h,
    sum(errors) filter (before_end >= -interval 1 day) / sum(events) filter (before_end >= -interval 1 day) / any_value(allowed) as burn_rate_1d,
    sum(errors) / sum(events) / any_value(allowed) as burn_rate_3d,
from windows
group by all
