-- Verdicts per hour or per day, with both rates; API calls too.
-- inputs: slo_hourly, _calls
-- Parameters: $length, `hour` or `day`.
with counts as (
    select bucket_at, kind, objective, total, success, fail, kill, pending, unsettled, fail_platform, fail_capacity, fail_user, fail_unknown from slo_hourly where scope = 'cluster'
    union all by name
    select * exclude (cluster, is_good) from _calls
),
summed as (
    select
        date_trunc($length, bucket_at) as bucket_at, kind, objective,
        sum(columns('^(total|success|fail|kill|pending|unsettled|fail_\w+)$')) as "\0",
    from counts
    group by all
)
select
    *,
    success_rate(success, fail) as success_rate,
    platform_success_rate(success, fail, fail_user) as platform_success_rate,
from summed
order by bucket_at, kind, objective
