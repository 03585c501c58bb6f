-- Verdicts per calendar month in UTC, kind, objective and scope: the sums of the month's days, with good minutes, error budget and burn rates.
-- grain: month
-- inputs: slo_daily[0h, 0h], verdicts[0h, 0h], deliveries[0h, 0h], _burn_rates, _targets
with summed as (
    select
        cluster, date_trunc('month', bucket_at) as bucket_at, kind, objective, scope, scope_value,
        sum(columns('^(total|success|fail|kill|pending|unsettled|fail_\w+)$')) as "\0",
        sum(good_minutes) as good_minutes,
        sum(minutes) as minutes,
    from slo_daily
    group by all
),
-- A day names only its five most frequent errors, so the month's are counted anew. Few deliveries fail: they are joined, not all.
failed as (
    select
        verdicts.cluster, date_trunc('month', deliveries.started_at) as bucket_at, verdicts.kind, verdicts.objective, verdicts.error_code,
        unnest([
            struct_pack(scope := 'cluster', scope_value := verdicts.cluster),
            struct_pack(scope := 'namespace', scope_value := deliveries.namespace),
            struct_pack(scope := 'workload_kind', scope_value := workload_kind_of(verdicts.kind, deliveries.owner_kind)),
            struct_pack(scope := 'size_class', scope_value := deliveries.size_class)
        ], recursive := true),
    from verdicts
    inner join deliveries using (delivery_id)
    where verdicts.verdict = 'FAIL' and verdicts.error_code <> 'NamespaceTerminating'
),
per_code as (
    select cluster, bucket_at, kind, objective, scope, scope_value, error_code, count(*) as fail
    from failed
    group by all
),
errors as (
    select
        cluster, bucket_at, kind, objective, scope, scope_value,
        list(error_code || '=' || fail order by fail desc, error_code)[1:5] as top_errors,
    from per_code
    group by all
),
aimed as (
    select summed.*, coalesce(own.target, common.target) as target, common.budget = 'minutes' as is_in_minutes
    from summed
    left join _targets as common on common.kind = summed.kind and common.objective = summed.objective and common.scope is null
    left join _targets as own
        on own.kind = summed.kind and own.objective = summed.objective and own.scope = summed.scope and own.scope_value = summed.scope_value
)
select
    aimed.* exclude (target, is_in_minutes),
    success_rate(success, fail) as success_rate,
    platform_success_rate(success, fail, fail_user) as platform_success_rate,
    coalesce(top_errors, []) as top_errors,
    1 - case when is_in_minutes then (minutes - good_minutes) / nullif(minutes, 0) else fail / nullif(success + fail, 0) end / nullif(round(1 - target, 12), 0) as budget_left,
    burn_rate_5m, burn_rate_30m, burn_rate_1h, burn_rate_2h, burn_rate_6h, burn_rate_1d, burn_rate_3d,
from aimed
left join errors using (cluster, bucket_at, kind, objective, scope, scope_value)
left join _burn_rates using (cluster, kind, objective, scope, scope_value)
