-- Exact statistics of each phase's time per delivery, per hour and scope; a percentile is the nearest rank.
-- grain: hour
-- inputs: _phase_samples
with scoped as (
    select
        cluster, bucket_at, kind, phase, is_finished, duration_s,
        unnest([
            struct_pack(scope := 'cluster', scope_value := case when image is null then cluster end),
            struct_pack(scope := 'namespace', scope_value := case when image is null then namespace end),
            struct_pack(scope := 'node', scope_value := case when image is null then node end),
            struct_pack(scope := 'workload', scope_value := case when image is null then workload end),
            struct_pack(scope := 'size_class', scope_value := case when image is null then size_class end),
            struct_pack(scope := 'image', scope_value := image)
        ], recursive := true),
    from _phase_samples
),
measured as (
    select
        cluster, bucket_at, kind, phase, scope, scope_value,
        count(*) filter (is_finished) as count,
        count(*) filter (not is_finished) as censored,
        -- Whole microseconds: the sum does not depend on the order of the rows.
        avg((duration_s * 1e6)::bigint) filter (is_finished) / 1e6 as avg_s,
        min(duration_s) filter (is_finished) as min_s,
        max(duration_s) filter (is_finished) as max_s,
        -- Decimal fractions make the rank ceil(n·p) exact.
        quantile_disc(duration_s, [0.5, 0.9, 0.95, 0.99, 0.999]) filter (is_finished) as ranks,
    from scoped
    where scope_value is not null
    group by all
)
-- Below 1/(1-p) samples a percentile is the maximum by another name, so it is left out.
select
    * exclude (ranks),
    case when count >= 2 then ranks[1] end as p50_s,
    case when count >= 10 then ranks[2] end as p90_s,
    case when count >= 20 then ranks[3] end as p95_s,
    case when count >= 100 then ranks[4] end as p99_s,
    case when count >= 1000 then ranks[5] end as p999_s,
from measured
