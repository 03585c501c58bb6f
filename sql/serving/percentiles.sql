-- Percentiles of phases at one dimension over a window, from the merged sketches (within 1 %); mean and extremes are exact.
-- inputs: phase_sketch_hourly, phase_stats_hourly
-- Parameters: $scope, `cluster`, `namespace`, `node`, `workload`, `size_class` or `image`; $scope_value, $kind, $phase: all if null; $length, `hour`, `day`, or
-- null for the whole window in one; $rows at most.
--
-- A percentile is the nearest rank, and null below 1/(1-p) samples. Bucket i stands for 2γ^i/(γ+1) seconds with γ = 1.01/0.99; bucket -1000000 for 0.
with asked as not materialized (
    select * replace (case when $length::varchar is not null then date_trunc($length, bucket_at) end as bucket_at)
    from (
        select * from phase_sketch_hourly
        union all by name
        -- Without a bucket: the statistics of an hour.
        select * from phase_stats_hourly
    )
    where
        scope = $scope
        and ($scope_value::varchar is null or scope_value = $scope_value)
        and ($kind::varchar is null or kind = $kind)
        and ($phase::varchar is null or phase = $phase)
),
buckets as (
    select cluster, bucket_at, kind, phase, scope_value, bucket, sum(count) as samples,
    from asked
    where bucket is not null
    group by all
),
ranked as (
    select
        *,
        case when bucket > -1000000 then 2 * pow(1.01::double / 0.99, bucket) / (1.01::double / 0.99 + 1) else 0.0 end as value_s,
        sum(samples) over (partition by cluster, bucket_at, kind, phase, scope_value order by bucket) as up_to,
        sum(samples) over (partition by cluster, bucket_at, kind, phase, scope_value) as of_all,
    from buckets
),
merged as (
    select
        cluster, bucket_at, kind, phase, scope_value,
        any_value(of_all) as samples,
        min(value_s) filter (up_to >= ceil(of_all * 0.5)) as p50_s,
        min(value_s) filter (up_to >= ceil(of_all * 0.9)) as p90_s,
        min(value_s) filter (up_to >= ceil(of_all * 0.95)) as p95_s,
        min(value_s) filter (up_to >= ceil(of_all * 0.99)) as p99_s,
        min(value_s) filter (up_to >= ceil(of_all * 0.999)) as p999_s,
    from ranked
    group by all
),
exact as (
    select
        cluster, bucket_at, kind, phase, scope_value,
        sum(count) as count,
        sum(censored) as censored,
        sum(avg_s * count) / nullif(sum(count), 0) as avg_s,
        min(min_s) as min_s,
        max(max_s) as max_s,
    from asked
    where bucket is null
    group by all
)
select
    exact.cluster, exact.bucket_at, exact.kind, exact.phase, exact.scope_value, exact.count, censored, avg_s, min_s,
    case when samples * 0.5 >= 1 then p50_s end as p50_s,
    case when samples * 0.1 >= 1 then p90_s end as p90_s,
    case when samples * 0.05 >= 1 then p95_s end as p95_s,
    case when samples * 0.01 >= 1 then p99_s end as p99_s,
    case when samples * 0.001 >= 1 then p999_s end as p999_s,
    max_s,
from exact
left join merged
    on merged.cluster = exact.cluster and merged.bucket_at is not distinct from exact.bucket_at and merged.kind = exact.kind and merged.phase = exact.phase
    and merged.scope_value = exact.scope_value
order by exact.bucket_at, exact.cluster, exact.kind, exact.avg_s * exact.count desc nulls last, exact.phase, exact.scope_value
limit $rows
