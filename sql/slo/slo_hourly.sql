-- Verdicts per hour, kind, objective and scope: the sums of the hour's minutes.
-- grain: hour
-- inputs: slo_minutely[0h, 0h], _verdict_counts
with summed as (
    select
        cluster, hour_of(bucket_at) as bucket_at, kind, objective, scope, scope_value,
        sum(columns('^(total|success|fail|kill|pending|unsettled|fail_\w+)$')) as "\0",
    from slo_minutely
    group by all
),
-- A minute names only its five most frequent errors, so the hour's are counted anew.
per_code as (
    select cluster, hour_of(bucket_at) as bucket_at, kind, objective, scope, scope_value, error_code, sum(deliveries) as fail
    from _verdict_counts
    where verdict = 'FAIL' and error_code is not null
    group by all
),
errors as (
    select
        cluster, bucket_at, kind, objective, scope, scope_value,
        list(error_code || '=' || fail order by fail desc, error_code)[1:5] as top_errors,
    from per_code
    group by all
)
select
    summed.*,
    success_rate(success, fail) as success_rate,
    platform_success_rate(success, fail, fail_user) as platform_success_rate,
    coalesce(top_errors, []) as top_errors,
from summed
left join errors using (cluster, bucket_at, kind, objective, scope, scope_value)
