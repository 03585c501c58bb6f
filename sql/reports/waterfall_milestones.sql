-- The milestones of the deliveries that the report shows one by one, in the order of time.
-- inputs: deliveries
-- Parameters: $delivery_ids.
with shown as (
    select *
    from deliveries
    where delivery_id in (select unnest($delivery_ids::varchar[]))
),
milestones as (
    select
        delivery_id, kind, started_at,
        unnest([
            struct_pack(position := 1, milestone := 'bound', reached_at := bound_at, uncertainty_ms := bound_uncertainty_ms),
            struct_pack(position := 2, milestone := 'kubelet', reached_at := kubelet_ack_at, uncertainty_ms := kubelet_ack_uncertainty_ms),
            struct_pack(position := 3, milestone := 'sandbox', reached_at := sandbox_ready_at, uncertainty_ms := sandbox_ready_uncertainty_ms),
            struct_pack(position := 4, milestone := 'initialized', reached_at := initialized_at, uncertainty_ms := initialized_uncertainty_ms),
            struct_pack(position := 5, milestone := 'started', reached_at := containers_started_at, uncertainty_ms := containers_started_uncertainty_ms),
            struct_pack(position := 6, milestone := 'ready', reached_at := ready_at, uncertainty_ms := ready_uncertainty_ms),
            struct_pack(position := 7, milestone := 'delete asked', reached_at := case when kind <> 'pod_delete' then deleted_at end, uncertainty_ms := deleted_uncertainty_ms),
            struct_pack(position := 8, milestone := 'gone', reached_at := case when kind = 'pod_delete' then gone_at end, uncertainty_ms := gone_uncertainty_ms)
        ], recursive := true),
    from shown
)
select delivery_id, milestone, reached_at, uncertainty_ms, (epoch_us(reached_at) - epoch_us(started_at)) / 1e6 as after_s
from milestones
where reached_at >= started_at and (kind <> 'pod_delete' or milestone = 'gone')
order by delivery_id, reached_at, position
