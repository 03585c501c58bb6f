-- The slowest deliveries of a kind.
-- inputs: deliveries
-- Parameters: $kind; $rows at most.
select cluster, delivery_id, kind, uid, namespace, name, node, state, started_at, total_s, platform_s, user_s, queue_s, error_code, fault
from deliveries
where kind = $kind and state = 'delivered' and is_static is distinct from true
order by total_s desc, delivery_id
limit $rows
