-- The deliveries that spent most time in one phase.
-- inputs: phases
-- Parameters: $kind, $phase; $rows at most.
select
    cluster, delivery_id, any_value(uid) as uid, any_value(namespace) as namespace, any_value(name) as name, any_value(node) as node,
    any_value(delivery_started_at) as started_at,
    max(duration_s) as longest_s,
    arg_max(subject, duration_s) as subject,
    arg_max(image, duration_s) as image,
    count(*) as stretches,
from phases
where kind = $kind and phase = $phase
group by cluster, delivery_id
order by longest_s desc nulls last, delivery_id
limit $rows
