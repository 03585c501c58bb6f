-- An hour's counts are the sums of its minutes'.
-- inputs: slo_hourly, slo_minutely
with minutes as (
    select
        date_trunc('hour', bucket_at) as bucket_at, kind, objective, scope, scope_value,
        sum(total) as total, sum(success) as success, sum(fail) as fail, sum(kill) as kill, sum(pending) as pending,
    from slo_minutely
    group by all
)
select bucket_at, kind, objective, scope, scope_value, slo_hourly.total, minutes.total as total_of_minutes
from slo_hourly
full join minutes using (bucket_at, kind, objective, scope, scope_value)
where
    (slo_hourly.total, slo_hourly.success, slo_hourly.fail, slo_hourly.kill, slo_hourly.pending)
    is distinct from (minutes.total, minutes.success, minutes.fail, minutes.kill, minutes.pending)
