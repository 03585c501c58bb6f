-- One row per change of a running pod's spec: an image, resources, or an ephemeral container that was added.
-- inputs: _pod_versions
with all_specs as (
    select
        *,
        list_transform(coalesce(spec.containers, []), lambda c: {'name': c.name, 'image': c.image, 'resources': c.resources})
            || list_transform(coalesce(spec.initContainers, []), lambda c: {'name': c.name, 'image': c.image, 'resources': c.resources}) as containers,
        list_transform(coalesce(spec.ephemeralContainers, []), lambda c: c.name) as ephemeral,
    from _pod_versions
    where not is_partial or contains(patch, 'ontainers"')
),
specs as (
    select * from all_specs where not is_partial
),
pairs as (
    select
        *,
        lag(containers) over (partition by uid, hour_at order by version) as containers_before,
        lag(ephemeral) over (partition by uid, hour_at order by version) as ephemeral_before,
    from specs
),
compared as (
    select
        pairs.* exclude (container), container,
        list_filter(containers_before, lambda c: c.name = container.name)[1] as before,
    from (select *, unnest(containers) as container from pairs where containers_before is not null and containers <> containers_before) as pairs
),
-- A patch names what it changes; what it was before may be known from the create or from a whole version.
patched as (
    select patches.* exclude (container), container, list_filter(known.containers, lambda c: c.name = container.name)[1] as before, ephemeral,
    from (select *, unnest(containers || [null]) as container from all_specs where is_partial and verb <> 'create') as patches
    asof left join (select uid, observed_at as known_at, containers from all_specs where not is_partial or verb = 'create') as known
        on known.uid = patches.uid and known.known_at < patches.observed_at
),
facts as (
    select * exclude (patch), 'image_changed' as fact, container.name as key, container.image as value from compared where before.image <> container.image
    union all by name
    select * exclude (patch), 'resources_changed' as fact, container.name as key, container.resources as value from compared where before.resources is distinct from container.resources and before is not null
    union all by name
    select * exclude (patch), 'ephemeral_added' as fact, unnest(list_filter(ephemeral, lambda n: not list_contains(ephemeral_before, n))) as key, null as value from pairs where ephemeral_before is not null
    union all by name
    select * exclude (patch), 'image_changed' as fact, container.name as key, container.image as value
    from patched
    where coalesce(subresource <> 'status', true) and container.image is not null and coalesce(before.image <> container.image, verb = 'patch')
    union all by name
    select * exclude (patch), 'resources_changed' as fact, container.name as key, container.resources as value
    from patched
    where coalesce(subresource <> 'status', true) and container.resources is not null and coalesce(before.resources <> container.resources, verb = 'patch')
    union all by name
    select * exclude (patch), 'ephemeral_added' as fact, unnest(ephemeral) as key, null as value from patched where subresource = 'ephemeralcontainers' and container is null
)
select
    'state' as origin, source, 'Pod' as kind, cluster, namespace, name, uid, fact, key, value, null as detail, null as reason, null as message, null::bigint as code, null::bigint as count,
    coalesce(received_at, observed_at) as lower_at, observed_at as upper_at, observed_at, observed_at as last_observed_at, partition_at, is_dated, 'audit' as at_source, actor, "user", spec.nodeName as node,
    resource_version, source_id, source_line, coalesce(resource_version::varchar, observed_at::varchar) as epoch,
from facts
