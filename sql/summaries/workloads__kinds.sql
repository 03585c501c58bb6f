-- Workload objects by kind and owner.
-- inputs: workloads
select kind, coalesce(controller_kind, '-') as owner, count(distinct uid) as objects
from workloads
group by all
order by objects desc, kind, owner
limit 15
