-- A month's counts and good minutes are the sums of its days'; no less than them, if only some of its days are looked at.
-- inputs: slo_monthly, slo_daily
with days as (
    select
        date_trunc('month', bucket_at) as bucket_at, kind, objective, scope, scope_value,
        sum(total) as total, sum(success) as success, sum(fail) as fail, sum(kill) as kill, sum(pending) as pending, sum(good_minutes) as good_minutes, sum(minutes) as minutes,
    from slo_daily
    group by all
)
select bucket_at, kind, objective, scope, scope_value, slo_monthly.total, days.total as total_of_days, slo_monthly.good_minutes, days.good_minutes as good_minutes_of_days
from slo_monthly
full join days using (bucket_at, kind, objective, scope, scope_value)
cross join params
where
    not coalesce(
        slo_monthly.total >= days.total and slo_monthly.success >= days.success and slo_monthly.fail >= days.fail and slo_monthly.kill >= days.kill
        and slo_monthly.pending >= days.pending and slo_monthly.good_minutes >= days.good_minutes and slo_monthly.minutes >= days.minutes,
        days.total is null
    )
    or (
        params.from_at <= bucket_at and params.to_at >= bucket_at + interval 1 month
        and (slo_monthly.total, slo_monthly.success, slo_monthly.fail, slo_monthly.kill, slo_monthly.pending, slo_monthly.good_minutes, slo_monthly.minutes)
        is distinct from (days.total, days.success, days.fail, days.kill, days.pending, days.good_minutes, days.minutes)
    )
