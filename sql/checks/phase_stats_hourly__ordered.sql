-- Minimum, percentiles and maximum come in their order.
-- inputs: phase_stats_hourly
select bucket_at, kind, phase, scope, scope_value, min_s, p50_s, p90_s, p95_s, p99_s, p999_s, max_s
from phase_stats_hourly
where
    not (
        min_s <= coalesce(p50_s, min_s)
        and coalesce(p50_s, min_s) <= coalesce(p90_s, max_s)
        and coalesce(p90_s, p50_s, min_s) <= coalesce(p95_s, max_s)
        and coalesce(p95_s, p90_s, p50_s, min_s) <= coalesce(p99_s, max_s)
        and coalesce(p99_s, p95_s, p90_s, p50_s, min_s) <= coalesce(p999_s, max_s)
        and coalesce(p999_s, p99_s, p95_s, p90_s, p50_s, min_s) <= max_s
    )
