-- What became of the rollouts.
-- inputs: rollouts
select
    workload_kind, trigger, state, count(*) as rollouts, sum(pods_created) as pods,
    round(quantile_cont(total_s, 0.5), 2) as p50_s, round(max(total_s), 2) as longest_s,
from rollouts
group by all
order by rollouts desc, workload_kind, trigger, state
limit 15
