-- Verdicts per day, kind, objective and scope: the sums of the day's hours, with good minutes, error budget and burn rates. API calls are there too.
-- grain: day
-- inputs: slo_hourly[0h, 0h], api_calls_minutely[0h, 0h], _verdict_counts, _slo_minutes, _burn_rates, params
with deliveries as (
    select
        cluster, date_trunc('day', bucket_at) as bucket_at, kind, objective, scope, scope_value,
        sum(columns('^(total|success|fail|kill|pending|unsettled|fail_\w+)$')) as "\0",
    from slo_hourly
    group by all
),
-- A call beyond its limit is the platform's failure: webhooks and the fairness queue are not in it.
calls as (
    select
        cluster, date_trunc('day', bucket_at) as bucket_at, 'api_call' as kind, case when verb in ('get', 'list') then 'read' else 'mutating' end as objective,
        unnest([
            struct_pack(scope := 'cluster', scope_value := cluster),
            struct_pack(scope := 'api_resource', scope_value := concat_ws('/', concat_ws('.', resource, api_group), subresource))
        ], recursive := true),
        count, coalesce(within_limit, 0) as success, coalesce(timed - within_limit, 0) as fail,
    from api_calls_minutely
    where limit_s is not null and count > 0
),
called as (
    select
        cluster, bucket_at, kind, objective, scope, scope_value,
        sum(count) as total, sum(success) as success, sum(fail) as fail, 0 as kill, 0 as pending, 0 as unsettled, sum(fail) as fail_platform,
        0 as fail_capacity, 0 as fail_user, 0 as fail_unknown,
    from calls
    group by all
),
summed as (
    select * from deliveries
    union all by name
    select * from called
),
-- An hour names only its five most frequent errors, so the day's are counted anew.
per_code as (
    select cluster, date_trunc('day', bucket_at) as bucket_at, kind, objective, scope, scope_value, error_code, sum(deliveries) as fail
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
),
good as (
    select
        cluster, date_trunc('day', minute_at) as bucket_at, kind, objective, scope, scope_value,
        count(*) as minutes,
        count(*) filter (is_good) as good_minutes,
        1 - sum(errors) / sum(events) / any_value(allowed) as budget_left,
    from _slo_minutes
    group by all
)
select
    summed.*,
    success_rate(success, fail) as success_rate,
    platform_success_rate(success, fail, fail_user) as platform_success_rate,
    coalesce(top_errors, []) as top_errors,
    coalesce(good_minutes, 0) as good_minutes,
    coalesce(minutes, 0) as minutes,
    budget_left,
    burn_rate_5m, burn_rate_30m, burn_rate_1h, burn_rate_2h, burn_rate_6h, burn_rate_1d, burn_rate_3d,
from summed
left join errors using (cluster, bucket_at, kind, objective, scope, scope_value)
left join good using (cluster, bucket_at, kind, objective, scope, scope_value)
left join _burn_rates using (cluster, kind, objective, scope, scope_value)
