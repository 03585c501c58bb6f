-- Verdicts per minute, kind, objective and scope, by the delivery's start.
-- grain: hour
-- inputs: _verdict_counts
with per_code as (
    select
        cluster, bucket_at, kind, objective, scope, scope_value, error_code,
        sum(deliveries) as total,
        sum(deliveries) filter (verdict = 'SUCCESS') as success,
        sum(deliveries) filter (verdict = 'FAIL') as fail,
        sum(deliveries) filter (verdict = 'KILL') as kill,
        sum(deliveries) filter (verdict = 'PENDING') as pending,
        sum(deliveries) filter (is_unsettled) as unsettled,
        sum(deliveries) filter (verdict = 'FAIL' and fault = 'platform') as fail_platform,
        sum(deliveries) filter (verdict = 'FAIL' and fault = 'capacity') as fail_capacity,
        sum(deliveries) filter (verdict = 'FAIL' and fault = 'user') as fail_user,
        sum(deliveries) filter (verdict = 'FAIL' and fault not in ('platform', 'capacity', 'user')) as fail_unknown,
    from _verdict_counts
    group by all
),
counted as (
    select
        cluster, bucket_at, kind, objective, scope, scope_value,
        sum(total) as total,
        coalesce(sum(success), 0) as success,
        coalesce(sum(fail), 0) as fail,
        coalesce(sum(kill), 0) as kill,
        coalesce(sum(pending), 0) as pending,
        coalesce(sum(unsettled), 0) as unsettled,
        coalesce(sum(fail_platform), 0) as fail_platform,
        coalesce(sum(fail_capacity), 0) as fail_capacity,
        coalesce(sum(fail_user), 0) as fail_user,
        coalesce(sum(fail_unknown), 0) as fail_unknown,
        list(error_code || '=' || fail order by fail desc, error_code) filter (fail > 0 and error_code is not null) as errors,
    from per_code
    group by all
)
select
    * exclude (errors),
    success_rate(success, fail) as success_rate,
    platform_success_rate(success, fail, fail_user) as platform_success_rate,
    coalesce(errors[1:5], []) as top_errors,
from counted
