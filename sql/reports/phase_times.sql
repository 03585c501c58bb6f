-- Each phase's time over all hours of the report: the exact percentiles of a single hour, else those of the merged sketches (within 1 %).
-- inputs: phase_stats_hourly, phase_sketch_hourly
with hours as (
    select
        kind, phase,
        sum(count) as count,
        sum(censored) as censored,
        sum(avg_s * count) / nullif(sum(count), 0) as avg_s,
        max(max_s) as max_s,
        count(*) filter (count > 0) = 1 as is_exact,
        any_value(p50_s) filter (count > 0) as p50_s,
        any_value(p90_s) filter (count > 0) as p90_s,
        any_value(p95_s) filter (count > 0) as p95_s,
        any_value(p99_s) filter (count > 0) as p99_s,
    from phase_stats_hourly
    where scope = 'cluster'
    group by all
),
buckets as (
    select kind, phase, bucket, sum(count) as count
    from phase_sketch_hourly
    where scope = 'cluster'
    group by all
),
merged as (
    select
        kind, phase,
        sketch_percentile(bucket, count, 0.5) as p50_s,
        sketch_percentile(bucket, count, 0.9) as p90_s,
        sketch_percentile(bucket, count, 0.95) as p95_s,
        sketch_percentile(bucket, count, 0.99) as p99_s,
    from buckets
    group by all
)
select
    hours.kind, hours.phase, hours.count, censored, avg_s, max_s, is_exact,
    case when is_exact then hours.p50_s else merged.p50_s end as p50_s,
    case when is_exact then hours.p90_s else merged.p90_s end as p90_s,
    case when is_exact then hours.p95_s else merged.p95_s end as p95_s,
    case when is_exact then hours.p99_s else merged.p99_s end as p99_s,
from hours
left join merged using (kind, phase)
order by hours.kind, avg_s * hours.count desc nulls last, hours.phase
