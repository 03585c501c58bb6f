-- How many deliveries of each minute and scope got which verdict, for which error: the counts that all SLO tables sum up.
-- inputs: verdicts[0h, 0h], deliveries[0h, 0h]
with judged as (
    select
        verdicts.cluster,
        minute_of(deliveries.started_at) as bucket_at,
        verdicts.kind,
        verdicts.objective,
        deliveries.namespace,
        workload_kind_of(verdicts.kind, deliveries.owner_kind) as workload_kind,
        deliveries.size_class,
        verdicts.verdict,
        verdicts.error_code,
        coalesce(verdicts.fault, 'unknown') as fault,
        -- A create in a namespace that is going away is nobody's failure: it stays in the total and is in no rate.
        verdicts.verdict = 'FAIL' and verdicts.error_code is not distinct from 'NamespaceTerminating' as is_benign,
        deliveries.settled is not distinct from false as is_unsettled,
    from verdicts
    join deliveries using (delivery_id)
),
-- Counting before the rows are repeated per scope keeps the work proportional to the deliveries.
cells as (
    select *, count(*) as deliveries
    from judged
    group by all
),
scoped as (
    select
        * exclude (namespace, workload_kind, size_class),
        unnest([
            struct_pack(scope := 'cluster', scope_value := cluster),
            struct_pack(scope := 'namespace', scope_value := namespace),
            struct_pack(scope := 'workload_kind', scope_value := workload_kind),
            struct_pack(scope := 'size_class', scope_value := size_class)
        ], recursive := true),
    from cells
)
select
    cluster,
    bucket_at,
    kind,
    objective,
    scope,
    scope_value,
    case when is_benign then 'BENIGN' else verdict end as verdict,
    error_code,
    fault,
    is_unsettled,
    sum(deliveries) as deliveries,
from scoped
where scope_value is not null
group by all
