-- A day's counts are the sums of its hours'; API calls have no hours.
-- inputs: slo_daily, slo_hourly
with hours as (
    select
        date_trunc('day', bucket_at) as bucket_at, kind, objective, scope, scope_value,
        sum(total) as total, sum(success) as success, sum(fail) as fail, sum(kill) as kill, sum(pending) as pending,
    from slo_hourly
    group by all
)
select bucket_at, kind, objective, scope, scope_value, slo_daily.total, hours.total as total_of_hours
from (from slo_daily where kind <> 'api_call') as slo_daily
full join hours using (bucket_at, kind, objective, scope, scope_value)
where
    (slo_daily.total, slo_daily.success, slo_daily.fail, slo_daily.kill, slo_daily.pending)
    is distinct from (hours.total, hours.success, hours.fail, hours.kill, hours.pending)
