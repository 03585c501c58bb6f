-- One row per container and start: from the Started Event (ns) where there is one, else from the container's status (1 s).
-- inputs: _tracked_facts
with sightings as (
    select
        delivery_id, uid, subject as container, detail as role, "at", lower_at, at_source, source_id, source_line,
        case when operation = 'container:running' then count end as runs,
    from _tracked_facts
    where operation in ('event:Started', 'container:running') and subject is not null and (detail is null or detail in ('init', 'sidecar', 'ephemeral'))
),
-- Sightings whose intervals meet are one start; the kubelet's status says the second in which the Event happened.
ordered as (
    select
        *,
        -- A Started Event comes a moment after the second that the status keeps; two of a kind are two starts.
        lower_at > coalesce(max("at") filter (at_source = 'container_status') over earlier + case when at_source = 'container_status' then interval 0 second else interval 1 second end, '-infinity')
            and lower_at > coalesce(max("at") filter (at_source <> 'container_status') over earlier + case when at_source = 'container_status' then interval 1 second else interval 0 second end, '-infinity') as is_new,
    from sightings
    window earlier as (partition by delivery_id, container order by "at", lower_at, at_source rows between unbounded preceding and 1 preceding)
),
grouped as (
    select *, sum(is_new::int) over (partition by delivery_id, container order by "at", lower_at, at_source rows unbounded preceding) as start_no
    from ordered
)
select
    delivery_id, container, start_no,
    max(role) as role,
    -- How often it had been started before; null where its status does not say so.
    min(runs) as runs,
    min("at") as "at",
    arg_min(lower_at, ("at", lower_at)) as lower_at,
    arg_min(at_source, ("at", lower_at, at_source)) as at_source,
    arg_min(source_id, ("at", lower_at, at_source, source_id, source_line)) as source_id,
    arg_min(source_line, ("at", lower_at, at_source, source_id, source_line)) as source_line,
from grouped
group by delivery_id, container, start_no
