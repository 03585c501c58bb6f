-- A sketch holds as many samples as the exact statistics of the same phase.
-- inputs: phase_sketch_hourly, phase_stats_hourly
with sketched as (
    select bucket_at, kind, phase, scope, scope_value, sum(count) as samples
    from phase_sketch_hourly
    group by all
)
select bucket_at, kind, phase, scope, scope_value, sketched.samples, phase_stats_hourly.count
from sketched
full join phase_stats_hourly using (bucket_at, kind, phase, scope, scope_value)
where coalesce(sketched.samples, 0) <> coalesce(phase_stats_hourly.count, 0)
