-- One row per minute with something decided, kind, objective and scope: whether it is good, and what it takes of the error budget.
-- inputs: slo_minutely[-72h, 0h], api_calls_minutely[-72h, 0h], _targets, _minutes_from
--
-- Good is a minute in which the objective's share was within the limit; for 0.99 that is: the nearest-rank p99 is within it. Calls of the API are judged per kind
-- of call, and a minute of several kinds is good if it is so for each.
with deliveries as (
    select slo_minutely.cluster, bucket_at as minute_at, kind, objective, scope, scope_value, success + fail as decided, fail, null::boolean as is_good
    from slo_minutely, _minutes_from as needed
    where success + fail > 0 and bucket_at >= needed.from_at
),
calls as (
    select
        api_calls_minutely.cluster, bucket_at as minute_at, 'api_call' as kind, case when verb in ('get', 'list') then 'read' else 'mutating' end as objective,
        unnest([
            struct_pack(scope := 'cluster', scope_value := api_calls_minutely.cluster),
            struct_pack(scope := 'api_resource', scope_value := concat_ws('/', concat_ws('.', resource, api_group), subresource))
        ], recursive := true),
        timed, within_limit, good,
    from api_calls_minutely, _minutes_from as needed
    where good is not null and bucket_at >= needed.from_at
),
called as (
    select cluster, minute_at, kind, objective, scope, scope_value, sum(timed) as decided, sum(timed - within_limit) as fail, bool_and(good) as is_good
    from calls
    group by all
),
minutes as (
    select * from deliveries
    union all by name
    select * from called
),
aimed as (
    select
        minutes.* exclude (is_good),
        case when common.target is not null or own.target is not null then coalesce(is_good, (decided - fail) / decided >= coalesce(own.minute_target, common.minute_target)) end as is_good,
        coalesce(own.target, common.target) as target,
        common.budget = 'minutes' as is_in_minutes,
    from minutes
    left join _targets as common on common.kind = minutes.kind and common.objective = minutes.objective and common.scope is null
    left join _targets as own
        on own.kind = minutes.kind and own.objective = minutes.objective and own.scope = minutes.scope and own.scope_value = minutes.scope_value
)
select
    cluster, minute_at, kind, objective, scope, scope_value, is_good,
    case when is_in_minutes then 1 else decided end as events,
    case when is_in_minutes then (not is_good)::int else fail end as errors,
    -- Rounded, because 1 - 0.999 is not 0.001 in binary. A target of 1 allows nothing: no multiple of it exists.
    nullif(round(1 - target, 12), 0) as allowed,
from aimed
