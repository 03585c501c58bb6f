-- One row per fact that a pod's version shows: phase, conditions, node, deletion and metadata. Containers are in `_container_facts`.
-- inputs: _pod_versions, _pod_conditions, _patched_lists, pods[-168h, 0h]
with known as (
    select uid, date_trunc('hour', seen_at) + interval 1 hour as known_at, finalizers, scheduling_gates from pods
),
seeded as (
    select versions.*, known.finalizers as known_finalizers, known.scheduling_gates as known_gates
    from _pod_versions as versions
    asof left join known on known.uid = versions.uid and known.known_at <= versions.hour_at
),
versions as (
    select
        * exclude (known_finalizers, known_gates, patch),
        coalesce(metadata.finalizers, []) as finalizers,
        list_transform(coalesce(spec.schedulingGates, []), lambda gate: gate.name) as gates,
        -- What an earlier hour showed last is known from `pods`.
        coalesce(lag(coalesce(metadata.finalizers, [])) over by_version, known_finalizers) as finalizers_before,
        coalesce(lag(list_transform(coalesce(spec.schedulingGates, []), lambda gate: gate.name)) over by_version, known_gates) as gates_before,
    from seeded
    window by_version as (partition by uid, namespace, name, hour_at, is_partial order by version)
),
phases as (
    select versions.*, 'phase' as fact, status.phase as key, null as value, status.reason as reason, status.message as message, received_at as lower_at, observed_at as upper_at, 'audit' as at_source
    from versions
    where status.phase is not null
),
conditions as (
    select
        * exclude (status_value, keeps_reason, keeps_message, transition_at), 'condition' as fact, lower(status_value) as value, observed_at as upper_at, 'condition' as at_source,
    from _pod_conditions
),
-- A pod without binding (DaemonSets of old, static pods, `nodeName` in the spec) is bound when it is first seen with a node.
bindings as (
    select versions.*, 'bound' as fact, spec.nodeName as key, null as value, null as reason, null as message, coalesce(received_at, metadata.creationTimestamp) as lower_at, observed_at as upper_at, 'object' as at_source
    from versions
    where spec.nodeName <> ''
),
-- The kubelet sets startTime in its first status write.
acknowledgements as (
    select
        versions.*, 'acknowledged' as fact, spec.nodeName as key, null as value, null as reason, null as message,
        status.startTime as lower_at, least(status.startTime + interval 1 second, observed_at) as upper_at, 'object' as at_source,
    from versions
    where status.startTime is not null
),
nominations as (
    select versions.*, 'nominated' as fact, status.nominatedNodeName as key, null as value, null as reason, null as message, received_at as lower_at, observed_at as upper_at, 'audit' as at_source
    from versions
    where status.nominatedNodeName <> ''
),
-- deletionTimestamp lies in the future: it is when the grace period ends.
deletions as (
    select
        versions.*, 'delete_asked' as fact, metadata.deletionGracePeriodSeconds::varchar as key, null as value, null as reason, null as message,
        metadata.deletionTimestamp - to_seconds(metadata.deletionGracePeriodSeconds) as lower_at, observed_at as upper_at, 'object' as at_source,
    from versions
    where metadata.deletionTimestamp is not null and not (verb = 'delete' and source = 'audit')
),
-- Gone for good: no finalizer holds the object and no grace is left, or a watch said so.
removals as (
    select versions.*, 'removed' as fact, "user" as key, null as value, null as reason, null as message, coalesce(received_at, observed_at) as lower_at, observed_at as upper_at, 'audit' as at_source
    from versions
    where is_deleted
        or (
            source = 'audit' and not is_partial and verb in ('delete', 'patch', 'update') and metadata.deletionTimestamp is not null
            and metadata.deletionGracePeriodSeconds = 0 and len(finalizers) = 0
        )
),
lists as (
    select versions.*, unnest([
        {'fact': 'finalizer_added', 'keys': list_filter(finalizers, lambda f: finalizers_before is null or not list_contains(finalizers_before, f))},
        {'fact': 'finalizer_removed', 'keys': list_filter(coalesce(finalizers_before, []), lambda f: not list_contains(finalizers, f))},
        {'fact': 'gated', 'keys': list_filter(gates, lambda g: gates_before is null or not list_contains(gates_before, g))},
        {'fact': 'ungated', 'keys': list_filter(coalesce(gates_before, []), lambda g: not list_contains(gates, g))}
    ]) as change
    from versions
    -- A patch does not say what it leaves alone.
    where not is_partial
),
list_changes as (
    select
        lists.* exclude (change), change.fact as fact, unnest(change.keys) as key, null as value, null as reason, null as message,
        coalesce(received_at, observed_at) as lower_at, observed_at as upper_at, 'audit' as at_source,
    from lists
    where len(change.keys) > 0
    union all by name
    select * exclude (patch), null as value, null as reason, null as message, received_at as lower_at, observed_at as upper_at, 'audit' as at_source from _patched_lists
),
facts as (
    select * from phases
    union all by name select * from conditions
    union all by name select * from bindings
    union all by name select * from acknowledgements
    union all by name select * from nominations
    union all by name select * from deletions
    union all by name select * from removals
    union all by name select * from list_changes
)
select
    'state' as origin, source, 'Pod' as kind, cluster, namespace, name, uid, fact, key, value, null as detail, reason, message, null::bigint as code, null::bigint as count,
    lower_at, upper_at, observed_at, observed_at as last_observed_at, partition_at, is_dated, at_source, actor, "user", spec.nodeName as node, resource_version, source_id, source_line,
    -- What makes two sightings the same fact.
    case fact when 'condition' then lower_at::varchar || coalesce(reason, '') when 'phase' then coalesce(reason, '') end as epoch,
from facts
