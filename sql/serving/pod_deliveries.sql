-- The deliveries of one object as its page shows them, oldest first, with their moments.
-- inputs: _judged
-- Parameters: $delivery_ids.
select
    cluster, delivery_id, kind, uid, namespace, name, node, state, outcome, started_at, ended_at, judged_until_at, total_s, platform_s, user_s, queue_s,
    error_code, error_detail, fault, component, message,
    bound_at, bound_uncertainty_ms, kubelet_ack_at, kubelet_ack_uncertainty_ms, sandbox_ready_at, sandbox_ready_uncertainty_ms,
    initialized_at, initialized_uncertainty_ms, containers_started_at, containers_started_uncertainty_ms, ready_at, ready_uncertainty_ms,
    deleted_at, deleted_uncertainty_ms, gone_at, gone_uncertainty_ms,
from _judged
where delivery_id in (select unnest($delivery_ids::varchar[]))
order by started_at, kind, delivery_id
