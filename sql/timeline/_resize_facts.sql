-- One row per step of an in-place resize that a pod's version shows: its state, and when a container runs with what its spec asks for.
-- inputs: _pod_versions, _spec_changes, pods[-168h, 0h]
with known as (
    select
        uid, hour_of(seen_at) + interval 1 hour as known_at, resize_state as known_state, unactuated_containers as known_unactuated,
        from_json(container_specs, '[{"name": "VARCHAR", "role": "VARCHAR", "image": "VARCHAR", "resources": "VARCHAR"}]') as known_containers,
    from pods
    where container_specs is not null
),
changed as (
    select distinct uid, hour_of(partition_at) as hour_at from _spec_changes where fact = 'resources_changed'
),
-- Few pods are ever resized.
candidates as (
    select uid from changed
    union
    select uid from known where known_state is not null or len(known_unactuated) > 0
),
seeded as (
    select versions.*, known.known_state, known.known_unactuated, known.known_containers
    from (from _pod_versions semi join candidates using (uid)) as versions
    asof left join known on known.uid = versions.uid and known.known_at <= versions.hour_at
),
-- Pods whose resources change in this hour, or that an earlier hour left in the middle of a resize.
resizing as (
    from seeded semi join changed using (uid, hour_at)
    union all
    from seeded anti join changed using (uid, hour_at) where known_state is not null or len(known_unactuated) > 0
),
versions as (
    select
        *,
        -- A status patch without an answer does not repeat the spec.
        coalesce(
            last_value(asked ignore nulls) over (partition by uid, hour_at order by observed_at, is_partial, version rows unbounded preceding),
            list_transform(known_containers, lambda c: {'name': c.name, 'resources': c.resources})
        ) as wanted,
        resize_state(status.conditions, status.resize) as state,
    from (
        select
            *,
            case when len(spec.containers) > 0 and (not is_partial or coalesce(subresource <> 'status', true))
                then list_transform(spec.containers || coalesce(list_filter(spec.initContainers, lambda c: c.restartPolicy = 'Always'), []), lambda c: {'name': c.name, 'resources': c.resources})
            end as asked,
        from resizing
    )
),
statuses as (
    select
        * exclude (status_list), unnest(from_json(status_list, '[{"name": "VARCHAR", "ready": "BOOLEAN", "resources": "VARCHAR"}]')) as container,
    from (select *, unnest([status.containerStatuses, status.initContainerStatuses]) as status_list from versions)
),
compared as (
    select
        *, container.name as key,
        container.ready and container.resources is not null and same_resources(list_filter(wanted, lambda w: w.name = container.name)[1].resources, container.resources) as is_actuated,
    from statuses
    where len(list_filter(wanted, lambda w: w.name = container.name)) > 0
),
actuations as (
    select
        *, 'resources_actuated' as fact, null as value, null as reason, null as message,
        coalesce(
            lag(is_actuated) over (partition by uid, hour_at, key order by observed_at, is_partial, version),
            not list_contains(known_unactuated, key)
        ) as was_actuated,
    from compared
),
-- The kubelet takes the condition away when what it has allocated is what runs.
ends as (
    select
        *, 'resized' as fact, null as key, null as value, null as reason, null as message,
        coalesce(lag(state) over (partition by uid, hour_at order by version), case when version = 1 then known_state end) as state_before,
    from versions
    where not is_partial
),
-- Kubernetes 1.27 to 1.32 tell in one field what later ones tell in two conditions.
states as (
    select
        *, 'condition' as fact, if(status.resize = 'InProgress', 'PodResizeInProgress', 'PodResizePending') as key, 'true' as value, nullif(status.resize, 'InProgress') as reason, null as message,
    from _pod_versions
    where status.resize in ('InProgress', 'Deferred', 'Infeasible')
),
facts as (
    select * from actuations where is_actuated and not was_actuated
    union all by name
    select * from ends where state_before = 'InProgress' and state is null
    union all by name
    select * from states
)
select
    'state' as origin, source, 'Pod' as kind, cluster, namespace, name, uid, fact, key, value, null as detail, reason, message, null::bigint as code, null::bigint as count,
    received_at as lower_at, observed_at as upper_at, observed_at, observed_at as last_observed_at, partition_at, is_dated, if(fact = 'condition', 'object', 'audit') as at_source, actor, "user",
    spec.nodeName as node, resource_version, source_id, source_line,
    -- A condition stays the same fact as long as its reason does; an end is of its version.
    if(fact = 'condition', coalesce(reason, ''), coalesce(resource_version::varchar, observed_at::varchar)) as epoch,
from facts
