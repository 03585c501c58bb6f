-- The slowest phases of the whole cluster, by their worst hour.
-- inputs: phase_stats_hourly
select kind, phase, sum(count)::bigint as deliveries, round(max(p50_s), 2) as p50_s, round(max(p99_s), 2) as p99_s, round(max(max_s), 2) as max_s
from phase_stats_hourly
where scope = 'cluster'
group by all
order by max_s desc nulls last, kind, phase
limit 15
