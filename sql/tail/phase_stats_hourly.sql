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
        avg(duration_s) filter (is_finished) as avg_s,
        min(duration_s) filter (is_finished) as min_s,
        max(duration_s) filter (is_finished) as max_s,
    from scoped
    where scope_value is not null
    group by all
),
-- Sorting spills to disk where aggregates that keep every value would not; two hashes name a group in 16 bytes instead of all its words.
ranked as (
    select
        hash(bucket_at, kind, phase, scope, scope_value) as group_1,
        hash(scope_value, scope, phase, kind, bucket_at) as group_2,
        duration_s,
        row_number() over (partition by group_1, group_2 order by duration_s) as number,
        count(*) over (partition by group_1, group_2) as count,
    from scoped
    where scope_value is not null and is_finished
),
-- The nearest rank ceil(n·p) in whole numbers.
percentiles as (
    select
        group_1, group_2,
        max(duration_s) filter (number = (count * 500 + 999) // 1000) as p50_s,
        max(duration_s) filter (number = (count * 900 + 999) // 1000) as p90_s,
        max(duration_s) filter (number = (count * 950 + 999) // 1000) as p95_s,
        max(duration_s) filter (number = (count * 990 + 999) // 1000) as p99_s,
        max(duration_s) filter (number = (count * 999 + 999) // 1000) as p999_s,
    from ranked
    where count >= 2
    group by all
)
-- Below 1/(1-p) samples a percentile is the maximum by another name, so it is left out.
select
    measured.*,
    case when count >= 2 then p50_s end as p50_s,
    case when count >= 10 then p90_s end as p90_s,
    case when count >= 20 then p95_s end as p95_s,
    case when count >= 100 then p99_s end as p99_s,
    case when count >= 1000 then p999_s end as p999_s,
from measured
left join percentiles
    on hash(bucket_at, kind, phase, scope, scope_value) = group_1 and hash(scope_value, scope, phase, kind, bucket_at) = group_2
