-- Where the time goes.
-- inputs: phases
select
    kind, phase, owner, count(*) as phases,
    round(quantile_cont(duration_s, 0.5), 2) as p50_s,
    round(quantile_cont(duration_s, 0.95), 2) as p95_s,
    round(max(duration_s), 2) as max_s,
    count(*) filter (status = 'open') as still_open,
from phases
group by all
order by kind, sum(duration_s) desc
limit 25
