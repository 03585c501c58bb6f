-- Verdicts per hour or per day, with both rates; API calls too.
-- inputs: slo_hourly, _calls
-- Parameters: $length, `hour` or `day`.
with counts as (
    select bucket_at, kind, objective, total, success, fail, kill, pending, unsettled, fail_platform, fail_capacity, fail_user, fail_unknown from slo_hourly where scope = 'cluster'
    union all by name
    select * exclude (is_good) from _calls
),
summed as (
    select
        date_trunc($length, bucket_at) as bucket_at, kind, objective,
        sum(total) as total,
        sum(success) as success,
        sum(fail) as fail,
        sum(kill) as kill,
        sum(pending) as pending,
        sum(unsettled) as unsettled,
        sum(fail_platform) as fail_platform,
        sum(fail_capacity) as fail_capacity,
        sum(fail_user) as fail_user,
        sum(fail_unknown) as fail_unknown,
    from counts
    group by all
)
select
    *,
    success / nullif(success + fail, 0) as success_rate,
    success / nullif(success + fail - fail_user, 0) as platform_success_rate,
from summed
order by bucket_at, kind, objective
