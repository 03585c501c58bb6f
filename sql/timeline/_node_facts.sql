-- One row per fact that a node's or a claim's version shows: conditions, taints, cordons, phases, removal.
-- inputs: objects[0h, 0h], audit_events[0h, 0h]
with answered as (
    select
        cluster, source_id, source_line, item, origin, observed_at, received_at, verb, subresource, actor, "user", kind, namespace, name, uid, resource_version, is_deleted, body,
    from objects
    where kind in ('Node', 'PersistentVolumeClaim')
),
-- Writes whose answers the log does not hold: what they say themselves.
asked as (
    select
        cluster, source_id, source_line, 0 as item, 'audit' as origin, stage_at as observed_at, received_at, verb, subresource, split_part(user_agent, ' ', 1) as actor, coalesce(impersonated_user, "user") as "user",
        if(resource = 'nodes', 'Node', 'PersistentVolumeClaim') as kind, namespace, name, uid, null::bigint as resource_version, false as is_deleted,
        if(starts_with(ltrim(request_body), '['), json_patch_as_merge(request_body, null), request_body) as body,
    from audit_events
    where
        ((resource = 'nodes' and verb in ('patch', 'update', 'delete')) or (resource = 'persistentvolumeclaims' and verb in ('patch', 'update'))) and coalesce(subresource = 'status', true)
        and stage = 'ResponseComplete' and code between 200 and 299 and not is_dry_run and body_table is null and (request_body is not null or verb = 'delete')
),
versions as (
    select
        * replace (case origin when 'list' then sighted.observed_at + interval 1 second else sighted.observed_at end as observed_at),
        sighted.observed_at as partition_at,
        case when origin = 'audit' and verb not in ('get', 'list', 'watch') then received_at else observed_at end as lower_observed_at,
        from_json(body, '{
            "metadata": {"creationTimestamp": "TIMESTAMPTZ", "annotations": "JSON", "deletionTimestamp": "TIMESTAMPTZ", "finalizers": ["VARCHAR"]},
            "spec": {"unschedulable": "BOOLEAN", "taints": [{"key": "VARCHAR", "value": "VARCHAR", "effect": "VARCHAR", "timeAdded": "TIMESTAMPTZ"}], "storageClassName": "VARCHAR", "volumeName": "VARCHAR"},
            "status": {"phase": "VARCHAR", "conditions": [{"type": "VARCHAR", "status": "VARCHAR", "reason": "VARCHAR", "message": "VARCHAR", "lastTransitionTime": "TIMESTAMPTZ"}]}
        }') as object,
    from (from answered union all by name from asked) as sighted
    qualify row_number() over (partition by coalesce(uid, name), hour_of(sighted.observed_at), resource_version, is_deleted, hash(body) order by sighted.observed_at, verb, subresource, actor, "user", source_id, source_line, item) = 1
),
conditions as (
    select
        versions.* exclude (condition), 'condition' as fact, condition.type as key, lower(condition.status) as value, condition.reason as reason, condition.message as message,
        coalesce(condition.lastTransitionTime, lower_observed_at) as lower_at, 'condition' as at_source, condition.lastTransitionTime::varchar || coalesce(condition.reason, '') as epoch,
    from (select *, unnest(object.status.conditions) as condition from versions where kind = 'Node') as versions
    where condition.status is not null
),
taints as (
    select
        versions.* exclude (taint), 'tainted' as fact, taint.key as key, taint.effect as value, null as reason, null as message,
        coalesce(taint.timeAdded, lower_observed_at) as lower_at, 'object' as at_source, coalesce(taint.timeAdded::varchar, '') as epoch,
    from (select *, unnest(object.spec.taints) as taint from versions where kind = 'Node') as versions
),
cordons as (
    select versions.*, 'cordoned' as fact, null as key, null as value, null as reason, null as message, lower_observed_at as lower_at, 'object' as at_source, '' as epoch
    from versions
    where kind = 'Node' and object.spec.unschedulable
),
claims as (
    select
        versions.*, 'phase' as fact, coalesce(object.spec.volumeName, object.spec.storageClassName) as key, object.status.phase as value, null as reason, null as message,
        lower_observed_at as lower_at, 'audit' as at_source, '' as epoch,
    from versions
    where kind = 'PersistentVolumeClaim' and object.status.phase is not null
),
-- The binder's annotation comes before the phase.
bound_claims as (
    select
        versions.*, 'phase' as fact, coalesce(object.spec.volumeName, object.spec.storageClassName) as key, 'Bound' as value, null as reason, null as message,
        lower_observed_at as lower_at, 'audit' as at_source, '' as epoch,
    from versions
    where kind = 'PersistentVolumeClaim' and json_extract_string(object.metadata.annotations, '$."pv.kubernetes.io/bind-completed"') is not null
),
-- The scheduler asks a provisioner for a volume near the node that it has chosen.
selections as (
    select
        versions.*, 'node_selected' as fact, object.metadata.annotations->>'$."volume.kubernetes.io/selected-node"' as key, null as value, null as reason, null as message,
        lower_observed_at as lower_at, 'audit' as at_source, '' as epoch,
    from versions
    where kind = 'PersistentVolumeClaim' and json_exists(object.metadata.annotations, '$."volume.kubernetes.io/selected-node"')
),
claim_deletions as (
    select
        versions.*, 'delete_asked' as fact, null as key, null as value, null as reason, null as message,
        object.metadata.deletionTimestamp as lower_at, 'object' as at_source, '' as epoch,
    from versions
    where kind = 'PersistentVolumeClaim' and object.metadata.deletionTimestamp is not null
),
removals as (
    select versions.*, 'removed' as fact, null as key, null as value, null as reason, null as message, lower_observed_at as lower_at, 'audit' as at_source, '' as epoch
    from versions
    where is_deleted or (origin = 'audit' and verb = 'delete' and coalesce(len(object.metadata.finalizers), 0) = 0)
),
facts as (
    select * from conditions
    union all by name select * from taints
    union all by name select * from cordons
    union all by name select * from claims
    union all by name select * from bound_claims
    union all by name select * from selections
    union all by name select * from claim_deletions
    union all by name select * from removals
)
select
    'state' as origin, case origin when 'audit' then 'audit' else 'snapshot' end as source, kind, cluster, namespace, name, uid, fact, key, value, null as detail, reason, message,
    null::bigint as code, null::bigint as count, least(lower_at, observed_at) as lower_at, observed_at as upper_at, observed_at, observed_at as last_observed_at, partition_at, origin <> 'list' as is_dated, at_source, actor, "user",
    case kind when 'Node' then name end as node, resource_version, source_id, source_line, epoch,
from facts
