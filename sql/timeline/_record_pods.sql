-- One row per record of the user's own logs that names its pod by something that the pod had then, and per pod that had it.
-- inputs: custom_records[0h, 0h], pods[-168h, +1h], _pod_versions, _record_waits
with records as (
    select
        source_id, source_line, join_by, node, hour_of(recorded_at) as hour_at, image_parts(image) as image,
        -- As CNI plugins and runtimes write them: with the length of a prefix, with a scheme.
        lower(regexp_replace(pod_ip, '/\d+$', '')) as ip, regexp_replace(container_id, '^[a-z0-9-]+://', '') as container_id,
        recorded_at - to_microseconds((uncertainty_ms * 1000)::bigint) as from_at, recorded_at + to_microseconds((uncertainty_ms * 1000)::bigint) as to_at,
    from custom_records
    where join_by in ('container_id', 'pod_ip', 'image', 'node')
),
-- Each pod that waited for that image then, on that node if the record names one.
by_image as (
    select distinct records.source_id, records.source_line, waits.uid, waits.namespace, waits.name, waits.node
    from records
    inner join _record_waits as waits
        on waits.hour_at = records.hour_at and waits.image.repository = records.image.repository and records.from_at <= waits.to_at and records.to_at >= waits.from_at
    where records.join_by = 'image' and is_image(records.image, waits.image) and coalesce(records.node = waits.node, true)
),
-- Each pod that waited for any image on that node then.
by_node as (
    select distinct records.source_id, records.source_line, waits.uid, waits.namespace, waits.name, waits.node
    from records
    inner join _record_waits as waits on waits.hour_at = records.hour_at and waits.node = records.node and records.from_at <= waits.to_at and records.to_at >= waits.from_at
    where records.join_by = 'node'
),
-- What only the hour itself shows: at level Request the kubelet's patches, and containers that were followed by others.
versions as (
    select
        uid, hour_at, namespace, name, observed_at, patch->>'$.status.podIP' as ip,
        regexp_extract_all(concat(status.containerStatuses, status.initContainerStatuses, status.ephemeralContainerStatuses), '"containerID":\s*"[^"]*://([^"]+)"', 1) as container_ids,
    from _pod_versions
    where uid is not null and exists (from records where join_by in ('container_id', 'pod_ip'))
),
addresses as (
    select uid, namespace, name, node, lower(unnest(ips)) as ip, coalesce(created_at, first_seen_at) as created_at, seen_at, released_at, null::timestamptz as hour_at
    from pods
    union all by name
    select uid, namespace, name, lower(ip) as ip, observed_at - interval 1 minute as created_at, observed_at as seen_at, hour_at from versions where ip is not null
),
holders as (
    select
        records.source_id, records.source_line, records.from_at, addresses.uid, any_value(addresses.namespace) as namespace, any_value(addresses.name) as name, max(addresses.node) as node,
        min(addresses.created_at) as created_at, max(addresses.released_at) as released_at, max(addresses.seen_at) as seen_at,
        records.from_at <= coalesce(max(addresses.released_at), max(addresses.seen_at)) as is_sure,
    from records
    inner join addresses
        on addresses.ip = records.ip and addresses.created_at <= records.to_at
        and addresses.seen_at >= records.hour_at - interval 168 hour and addresses.seen_at < records.hour_at + interval 2 hour
        and coalesce(addresses.hour_at = records.hour_at, true)
    where records.join_by = 'pod_ip'
    group by records.source_id, records.source_line, records.from_at, addresses.uid
    -- An address may be given back a moment after its pod is gone.
    having max(addresses.released_at) is null or records.from_at <= max(addresses.released_at) + interval 1 minute
),
-- One address is one pod's: the one that was there first of those that are known to have it still or soon; else the one that had it last.
by_address as (
    select source_id, source_line, uid, namespace, name, node
    from holders
    qualify row_number() over (
        partition by source_id, source_line order by is_sure desc, case when is_sure then created_at end, coalesce(released_at, seen_at) desc, uid
    ) = 1
),
containers as (
    select uid, namespace, name, node, seen_at, null::timestamptz as hour_at, regexp_replace(unnest(container_runs->>'$[*].container_id'), '^[a-z0-9-]+://', '') as container_id
    from pods
    union all by name
    select uid, namespace, name, hour_at as seen_at, hour_at, unnest(container_ids) as container_id from versions
),
by_container as (
    select records.source_id, records.source_line, containers.uid, any_value(containers.namespace) as namespace, any_value(containers.name) as name, max(containers.node) as node
    from records
    -- Twelve digits are what tools show of an ID.
    inner join containers
        on left(containers.container_id, 12) = left(records.container_id, 12) and starts_with(containers.container_id, records.container_id)
        and containers.seen_at >= records.hour_at - interval 168 hour and containers.seen_at < records.hour_at + interval 2 hour
        and coalesce(containers.hour_at = records.hour_at, true)
    where records.join_by = 'container_id' and length(records.container_id) >= 12
    group by records.source_id, records.source_line, containers.uid
)
select * from by_image
union all by name
select * from by_node
union all by name
select * from by_address
union all by name
select * from by_container
