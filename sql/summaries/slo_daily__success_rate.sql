-- Success rates of the whole cluster, and what is left of the error budget.
-- inputs: slo_daily
with of_cluster as (
    select kind || ' ' || objective as what, success_rate, budget_left
    from slo_daily
    where scope = 'cluster'
)
select what || ' success rate' as name, success_rate as value
from of_cluster
union all
select what || ' budget left' as name, budget_left as value
from of_cluster
order by name
