-- One row per fact that a pod's version shows: phase, conditions, node, deletion and metadata. Containers are in `_container_facts`.
-- inputs: _pod_versions, _pod_conditions, _patched_lists, pods[-168h, 0h]
with versions as not materialized (
    select
        cluster, uid, namespace, name, hour_at, version, sighting, resource_version, is_partial, is_dated, is_deleted, observed_at, partition_at, received_at, source, source_id, source_line, verb, actor, "user",
        metadata.creationTimestamp as created_at, metadata.deletionTimestamp as deleted_at, metadata.deletionGracePeriodSeconds as grace_s, coalesce(metadata.finalizers, []) as finalizers,
        spec.nodeName as node, list_transform(coalesce(spec.schedulingGates, []), lambda gate: gate.name) as gates,
        status.phase as phase, status.reason as status_reason, status.message as status_message, status.startTime as acknowledged_at, status.nominatedNodeName as nominated_node,
    from _pod_versions
),
phases as (
    select versions.*, 'phase' as fact, phase as key, null as value, status_reason as reason, status_message as message, received_at as lower_at, observed_at as upper_at, 'audit' as at_source
    from versions
    where phase is not null
),
-- A pod without binding (DaemonSets of old, static pods, `nodeName` in the spec) is bound when it is first seen with a node.
bindings as (
    select versions.*, 'bound' as fact, node as key, null as value, null as reason, null as message, coalesce(received_at, created_at) as lower_at, observed_at as upper_at, 'object' as at_source
    from versions
    where node <> ''
),
-- Conditions and the kubelet's startTime come with times of their own, and each version repeats them: one that stays the same counts once, as of its first sighting, and is known until its last.
repeated as (
    select 'condition' as fact, uid, namespace, name, hour_at, sighting, observed_at, key, value, reason, message, lower_at from _pod_conditions
    union all by name
    select 'acknowledged' as fact, uid, namespace, name, hour_at, sighting, observed_at, node as key, null as value, null as reason, null as message, acknowledged_at as lower_at
    from versions
    where acknowledged_at is not null
),
told_once as (
    select
        fact, key, value, reason, message, lower_at, min(sighting) as sighting, max(observed_at) as last_observed_at,
    from repeated
    -- Which pod a name without a UID means depends on when it is said.
    group by fact, uid, namespace, name, hour_at, key, value, reason, message, lower_at, if(uid is null, sighting, null)
),
lasting as (
    select
        versions.*, told_once.* exclude (sighting),
        -- The kubelet sets startTime in its first status write.
        if(fact = 'acknowledged', least(lower_at + interval 1 second, observed_at), observed_at) as upper_at,
        if(fact = 'acknowledged', 'object', 'condition') as at_source,
    from told_once
    inner join versions using (sighting)
),
nominations as (
    select versions.*, 'nominated' as fact, nominated_node as key, null as value, null as reason, null as message, received_at as lower_at, observed_at as upper_at, 'audit' as at_source
    from versions
    where nominated_node <> ''
),
-- deletionTimestamp lies in the future: it is when the grace period ends.
deletions as (
    select
        versions.*, 'delete_asked' as fact, grace_s::varchar as key, null as value, null as reason, null as message,
        deleted_at - to_seconds(grace_s) as lower_at, observed_at as upper_at, 'object' as at_source,
    from versions
    where deleted_at is not null and not (verb = 'delete' and source = 'audit')
),
-- Gone for good: no finalizer holds the object and no grace is left, or a watch said so.
removals as (
    select versions.*, 'removed' as fact, "user" as key, null as value, null as reason, null as message, coalesce(received_at, observed_at) as lower_at, observed_at as upper_at, 'audit' as at_source
    from versions
    where is_deleted
        or (source = 'audit' and not is_partial and verb in ('delete', 'patch', 'update') and deleted_at is not null and grace_s = 0 and len(finalizers) = 0)
),
-- Finalizers and gates that differ from those of the version before. A patch does not say what it leaves alone.
listed as (
    select sighting, lag(finalizers) over by_version as finalizers_before, lag(gates) over by_version as gates_before
    from (select sighting, uid, namespace, name, hour_at, version, finalizers, gates from versions where not is_partial)
    window by_version as (partition by uid, namespace, name, hour_at order by version)
    qualify version = 1 or finalizers <> finalizers_before or gates <> gates_before
),
known as (
    select uid, hour_of(seen_at) + interval 1 hour as known_at, finalizers, scheduling_gates from pods
),
-- What an earlier hour showed last is known from `pods`.
compared as (
    select
        versions.*, coalesce(listed.finalizers_before, known.finalizers) as finalizers_before, coalesce(listed.gates_before, known.scheduling_gates) as gates_before,
    from listed
    inner join versions using (sighting)
    asof left join known on known.uid = versions.uid and known.known_at <= versions.hour_at
),
lists as (
    select compared.*, unnest([
        {'fact': 'finalizer_added', 'keys': list_filter(finalizers, lambda f: finalizers_before is null or not list_contains(finalizers_before, f))},
        {'fact': 'finalizer_removed', 'keys': list_filter(coalesce(finalizers_before, []), lambda f: not list_contains(finalizers, f))},
        {'fact': 'gated', 'keys': list_filter(gates, lambda g: gates_before is null or not list_contains(gates_before, g))},
        {'fact': 'ungated', 'keys': list_filter(coalesce(gates_before, []), lambda g: not list_contains(gates, g))}
    ]) as change
    from compared
),
list_changes as (
    select
        lists.* exclude (change), change.fact as fact, unnest(change.keys) as key, null as value, null as reason, null as message,
        coalesce(received_at, observed_at) as lower_at, observed_at as upper_at, 'audit' as at_source,
    from lists
    where len(change.keys) > 0
    union all by name
    select * exclude (patch), spec.nodeName as node, null as value, null as reason, null as message, received_at as lower_at, observed_at as upper_at, 'audit' as at_source from _patched_lists
),
facts as (
    select * from phases
    union all by name select * from lasting
    union all by name select * from bindings
    union all by name select * from nominations
    union all by name select * from deletions
    union all by name select * from removals
    union all by name select * from list_changes
)
select
    'state' as origin, source, 'Pod' as kind, cluster, namespace, name, uid, fact, key, value, null as detail, reason, message, null::bigint as code, null::bigint as count,
    lower_at, upper_at, observed_at, coalesce(last_observed_at, observed_at) as last_observed_at, partition_at, is_dated, at_source, actor, "user", node, resource_version, source_id, source_line,
    -- What makes two sightings the same fact.
    case fact when 'condition' then lower_at::varchar || coalesce(reason, '') when 'phase' then coalesce(reason, '') end as epoch,
from facts
