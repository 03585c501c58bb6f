-- One row per objective and scope over a stretch of time: verdicts, good minutes, error budget, and burn rates at its end.
-- inputs: slo_minutely[-72h, 0h], api_calls_minutely[-72h, 0h], _slo_minutes, _burn_rates, _targets, params
with deliveries as (
    select
        slo_minutely.cluster, kind, objective, scope, scope_value,
        sum(total) as total, sum(success) as success, sum(fail) as fail, sum(kill) as kill, sum(pending) as pending,
        sum(fail_platform) as fail_platform, sum(fail_capacity) as fail_capacity, sum(fail_user) as fail_user, sum(fail_unknown) as fail_unknown,
    from slo_minutely, params
    where bucket_at >= from_at and bucket_at < to_at
    group by all
),
calls as (
    select
        api_calls_minutely.cluster, case when verb in ('get', 'list') then 'read' else 'mutating' end as objective,
        unnest([
            struct_pack(scope := 'cluster', scope_value := api_calls_minutely.cluster),
            struct_pack(scope := 'api_resource', scope_value := concat_ws('/', concat_ws('.', resource, api_group), subresource))
        ], recursive := true),
        count, coalesce(within_limit, 0) as success, coalesce(timed - within_limit, 0) as fail,
    from api_calls_minutely, params
    where limit_s is not null and count > 0 and bucket_at >= from_at and bucket_at < to_at
),
called as (
    select
        cluster, 'api_call' as kind, objective, scope, scope_value,
        sum(count) as total, sum(success) as success, sum(fail) as fail, 0 as kill, 0 as pending,
        sum(fail) as fail_platform, 0 as fail_capacity, 0 as fail_user, 0 as fail_unknown,
    from calls
    group by all
),
summed as (
    select * from deliveries
    union all by name
    select * from called
),
good as (
    select
        _slo_minutes.cluster, kind, objective, scope, scope_value,
        count(*) as minutes, count(*) filter (is_good) as good_minutes, 1 - sum(errors) / sum(events) / any_value(allowed) as budget_left,
    from _slo_minutes, params
    where minute_at >= from_at and minute_at < to_at
    group by all
)
select
    summed.cluster, summed.kind, summed.objective, summed.scope, summed.scope_value, coalesce(own.target, common.target) as target, common.budget,
    total, success, fail, kill, pending, fail_platform, fail_capacity, fail_user, fail_unknown,
    success_rate(success, fail) as success_rate,
    platform_success_rate(success, fail, fail_user) as platform_success_rate,
    coalesce(good_minutes, 0) as good_minutes, coalesce(minutes, 0) as minutes, budget_left,
    burn_rate_5m, burn_rate_30m, burn_rate_1h, burn_rate_2h, burn_rate_6h, burn_rate_1d, burn_rate_3d,
from summed
left join good using (cluster, kind, objective, scope, scope_value)
left join _burn_rates using (cluster, kind, objective, scope, scope_value)
left join _targets as common on common.kind = summed.kind and common.objective = summed.objective and common.scope is null
left join _targets as own on own.kind = summed.kind and own.objective = summed.objective and own.scope = summed.scope and own.scope_value = summed.scope_value
