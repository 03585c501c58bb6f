-- The slowest deliveries of each kind that were delivered.
-- inputs: _judged, _explained
-- Parameters: $creates of pod_create, $others of each other kind.
with slow as (
    select *
    from _judged
    where state = 'delivered' and is_static is distinct from true
    qualify row_number() over (partition by kind order by total_s desc, delivery_id) <= case kind when 'pod_create' then $creates else $others end
)
select
    delivery_id, kind, outcome, failed_objectives, uid, namespace, name, node, owner_kind, owner_name, state, started_at, total_s, platform_s, user_s, queue_s,
    slow.error_code, slow.error_detail, slow.fault, slow.component, slow.message,
    advice, runner_up, uri, source_line, evidence_operation, evidence_at, evidence_count,
from slow
left join _explained using (delivery_id)
order by kind, total_s desc, delivery_id
