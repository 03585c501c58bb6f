-- What became of the deliveries.
-- inputs: deliveries
select
    kind, state, count(*) as deliveries,
    round(quantile_cont(total_s, 0.5), 2) as p50_s,
    round(quantile_cont(total_s, 0.99), 2) as p99_s,
    round(avg(platform_s), 2) as avg_platform_s,
from deliveries
group by all
order by kind, deliveries desc, state
