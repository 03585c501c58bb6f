-- Success rates of the whole cluster.
-- inputs: slo_hourly
select kind || ' ' || objective || ' success rate' as name, sum(success) / nullif(sum(success) + sum(fail), 0) as value
from slo_hourly
where scope = 'cluster'
group by kind, objective
order by name
