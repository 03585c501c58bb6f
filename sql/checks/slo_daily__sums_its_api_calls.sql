-- A day's API calls are those of its minutes, as far as something is promised for them.
-- inputs: slo_daily, api_calls_minutely
with minutes as (
    select
        date_trunc('day', bucket_at) as bucket_at, case when verb in ('get', 'list') then 'read' else 'mutating' end as objective,
        sum(count) as total, sum(coalesce(within_limit, 0)) as success, sum(coalesce(timed - within_limit, 0)) as fail,
    from api_calls_minutely
    where limit_s is not null and count > 0
    group by all
),
days as (
    select bucket_at, objective, total, success, fail from slo_daily where kind = 'api_call' and scope = 'cluster'
)
select bucket_at, objective, days.total, minutes.total as total_of_minutes
from days
full join minutes using (bucket_at, objective)
where (days.total, days.success, days.fail) is distinct from (minutes.total, minutes.success, minutes.fail)
