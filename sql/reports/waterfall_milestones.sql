-- The moments of the deliveries that are shown one by one, as `pipelines.reports.milestones` wants them.
-- inputs: deliveries
-- Parameters: $delivery_ids.
select
    delivery_id, kind, started_at, bound_at, bound_uncertainty_ms, kubelet_ack_at, kubelet_ack_uncertainty_ms, sandbox_ready_at, sandbox_ready_uncertainty_ms,
    initialized_at, initialized_uncertainty_ms, containers_started_at, containers_started_uncertainty_ms, ready_at, ready_uncertainty_ms,
    deleted_at, deleted_uncertainty_ms, gone_at, gone_uncertainty_ms,
from deliveries
where delivery_id in (select unnest($delivery_ids::varchar[]))
order by delivery_id
