-- One row per change of a pod's spec after its creation: an image, resources, or an ephemeral container that was added.
-- inputs: _pod_versions, pods[-168h, 0h]
-- What an earlier hour showed last is known from `pods`.
with known as (
    select
        uid, hour_of(seen_at) + interval 1 hour as known_at, resource_version as known_version,
        from_json(container_specs, '[{"name": "VARCHAR", "role": "VARCHAR", "image": "VARCHAR", "resources": "VARCHAR"}]') as known_containers,
    from pods
    where container_specs is not null
),
-- The specs of most pods stay as they are.
changing as (
    select coalesce(uid, '') as uid
    from _pod_versions
    group by uid
    having
        min(hash(spec.containers, spec.initContainers, spec.ephemeralContainers)) <> max(hash(spec.containers, spec.initContainers, spec.ephemeralContainers))
        or bool_or(is_partial and contains(patch, 'ontainers"'))
    union
    -- What an earlier hour showed may differ from what this one shows.
    select versions.uid from _pod_versions as versions inner join known on known.uid = versions.uid and known.known_at <= versions.hour_at
),
all_specs as (
    select
        cluster, uid, namespace, name, spec.nodeName as node, hour_at, version, resource_version, is_partial, is_dated, observed_at, partition_at, received_at, is_arrival_known,
        source, source_id, source_line, verb, subresource, actor, "user", len(spec.containers) > 0 as has_containers,
        list_transform(coalesce(spec.containers, []), lambda c: {'name': c.name, 'role': null::varchar, 'image': c.image, 'resources': c.resources})
            || list_transform(coalesce(spec.initContainers, []), lambda c: {'name': c.name, 'role': if(c.restartPolicy = 'Always', 'sidecar', 'init'), 'image': c.image, 'resources': c.resources})
            || list_transform(coalesce(spec.ephemeralContainers, []), lambda c: {'name': c.name, 'role': 'ephemeral', 'image': c.image, 'resources': null::varchar}) as containers,
    from _pod_versions
    where if(is_partial, contains(patch, 'ontainers"'), coalesce(uid, '') in (from changing))
),
known_by_hour as (
    select pods.uid, pods.hour_at, known.known_version, known.known_containers
    from (select distinct uid, hour_at from all_specs where not is_partial) as pods
    asof join known on known.uid = pods.uid and known.known_at <= pods.hour_at
),
-- A version that is older than what is known was read late and changes nothing.
seeded as (
    select all_specs.*, known.known_containers
    from (from all_specs where not is_partial and has_containers) as all_specs
    left join known_by_hour as known on known.uid = all_specs.uid and known.hour_at = all_specs.hour_at
    where coalesce(all_specs.resource_version > known.known_version, true)
),
pairs as (
    select *, coalesce(lag(containers) over (partition by uid, hour_at order by version), known_containers) as containers_before
    from seeded
),
compared as (
    select
        pairs.* exclude (container), container,
        list_filter(containers_before, lambda c: c.name = container.name)[1] as before,
    from (select *, unnest(containers) as container from pairs where containers_before is not null and containers <> containers_before) as pairs
),
-- A patch names what it changes; what it was before may be known from the create, from a whole version or from an earlier hour.
wholes as (
    select uid, observed_at as known_at, containers from all_specs where not is_partial or verb = 'create'
    union all
    select uid, known_at, known_containers from known
),
patched as (
    select patches.* exclude (container), container, list_filter(wholes.containers, lambda c: c.name = container.name)[1] as before
    from (select *, unnest(containers) as container from all_specs where is_partial and verb <> 'create' and coalesce(subresource <> 'status', true)) as patches
    asof left join (select uid, known_at, arg_min(containers, containers) as containers from wholes group by uid, known_at) as wholes
        on wholes.uid = patches.uid and wholes.known_at < patches.observed_at
),
changes as (
    select *, 'image_changed' as fact, container.image as value, before.image || ' -> ' || container.image as message
    from compared
    where before.image <> container.image and container.role is distinct from 'ephemeral'
    union all by name
    select *, 'resources_changed' as fact, container.resources as value, concat_ws(' -> ', coalesce(before.resources, '{}'), coalesce(container.resources, '{}')) as message
    from compared
    where before is not null and before.resources is distinct from container.resources
    union all by name
    select *, 'ephemeral_added' as fact, null as value, null as message
    from compared
    where before is null and container.role = 'ephemeral'
    union all by name
    select *, 'image_changed' as fact, container.image as value, before.image || ' -> ' || container.image as message
    from patched
    where container.image is not null and coalesce(before.image <> container.image, verb = 'patch') and container.role is distinct from 'ephemeral'
    union all by name
    select *, 'resources_changed' as fact, container.resources as value, before.resources || ' -> ' || container.resources as message
    from patched
    where container.resources is not null and coalesce(before.resources <> container.resources, verb = 'patch')
    union all by name
    select *, 'ephemeral_added' as fact, null as value, null as message
    from patched
    where container.role = 'ephemeral' and before is null
),
-- What the container was doing when its spec changed tells its next run from the one before.
statused as (
    select
        changes.*,
        list_filter(
            from_json(
                case when changes.container.role in ('init', 'sidecar') then versions.status.initContainerStatuses else versions.status.containerStatuses end,
                '[{"name": "VARCHAR", "restartCount": "BIGINT", "containerID": "VARCHAR", "state": {"running": "JSON"}, "lastState": {"terminated": "JSON"}}]'
            ),
            lambda s: s.name = changes.container.name
        )[1] as was,
    from changes
    inner join _pod_versions as versions
        on versions.source_id = changes.source_id and versions.source_line = changes.source_line and versions.uid is not distinct from changes.uid
        and versions.is_partial = changes.is_partial and versions.version = changes.version
)
select
    'state' as origin, source, 'Pod' as kind, cluster, namespace, name, uid, fact, container.name as key, value,
    case when fact = 'image_changed' then container.image end as detail,
    case
        when was is null or fact = 'ephemeral_added' then null
        when was.state.running is not null then 'Running'
        when nullif(was.containerID, '') is not null or was.lastState.terminated is not null then 'Stopped'
        else 'NeverStarted'
    end as reason,
    message, null::bigint as code, case when fact <> 'ephemeral_added' then was.restartCount end as count,
    coalesce(received_at, observed_at) as lower_at, observed_at as upper_at, observed_at, observed_at as last_observed_at, partition_at, is_dated,
    -- Only the write that made the change dates it, if its arrival is known; the kubelet's next status shows it too.
    case when source = 'audit' and is_arrival_known and verb in ('create', 'update', 'patch') and subresource is distinct from 'status' then 'audit' else 'object' end as at_source,
    actor, "user", node, resource_version, source_id, source_line, coalesce(resource_version::varchar, observed_at::varchar) as epoch,
from statused
