-- Pods by the kind of their workload.
-- inputs: pods
select coalesce(owner_kind, 'Pod') as workload, size_class, count(distinct uid) as pods, count(distinct node) as nodes
from pods
group by all
order by pods desc, workload, size_class
limit 15
