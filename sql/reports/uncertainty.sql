-- How well each milestone is known: its sources, and how much earlier it may have been.
-- inputs: deliveries
with milestones as (
    select unnest([
        struct_pack(position := 1, milestone := 'started', source := started_source, uncertainty_ms := started_uncertainty_ms),
        struct_pack(position := 2, milestone := 'bound', source := bound_source, uncertainty_ms := bound_uncertainty_ms),
        struct_pack(position := 3, milestone := 'kubelet_ack', source := kubelet_ack_source, uncertainty_ms := kubelet_ack_uncertainty_ms),
        struct_pack(position := 4, milestone := 'sandbox_ready', source := sandbox_ready_source, uncertainty_ms := sandbox_ready_uncertainty_ms),
        struct_pack(position := 5, milestone := 'containers_started', source := containers_started_source, uncertainty_ms := containers_started_uncertainty_ms),
        struct_pack(position := 6, milestone := 'ready', source := ready_source, uncertainty_ms := ready_uncertainty_ms),
        struct_pack(position := 7, milestone := 'gone', source := gone_source, uncertainty_ms := gone_uncertainty_ms)
    ], recursive := true),
    from deliveries
    where is_static is distinct from true
)
select
    milestone,
    source,
    count(*) as known,
    quantile_disc(uncertainty_ms, 0.5) as p50_ms,
    quantile_disc(uncertainty_ms, 0.9) as p90_ms,
    max(uncertainty_ms) as max_ms,
from milestones
where source is not null
group by position, milestone, source
order by position, known desc, source
