-- One row per create and upgrade: what the diagnosis of both looks at. The containers of an upgrade are those that it changes.
-- inputs: _judged_creates, _judged_upgrades
select
    delivery_id, kind, started_at, bound, kubelet_ack, sandbox_ready, ready, deleted, delivered_at, delivered_from_at, broken_at,
    container_names, init_container_names, sidecar_names, is_job, wall_limit_s, wall_verdict, evidence_until_at,
    is_undecidable, lacks_events, lacks_status, has_scheduler_written, shows_bindings, is_late_look, is_unheard,
from _judged_creates
union all by name
select
    delivery_id, kind, started_at, bound, kubelet_ack, sandbox_ready, ready, deleted, delivered_at, delivered_from_at, broken_at,
    container_names, init_container_names, sidecar_names, is_job, wall_limit_s, wall_verdict, evidence_until_at,
    is_undecidable, lacks_events, false as lacks_status, false as has_scheduler_written, true as shows_bindings, false as is_late_look, is_unheard,
from _judged_upgrades
