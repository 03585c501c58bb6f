-- One row per fact that a workload's version shows: its template, how many pods it wants, its revision, its end.
-- inputs: objects[0h, 0h], audit_events[0h, 0h], workloads[-168h, 0h]
with known as (
    select uid, hour_of(seen_at) + interval 1 hour as known_at, resource_version as known_version, template as known_template, generation as known_generation, spec as known_spec
    from workloads
),
parsed as (
    select
        objects.* exclude (body, received_at, observed_at),
        -- A List says nothing about when; a write counts from when it was received.
        case origin when 'list' then objects.observed_at + interval 1 second else objects.observed_at end as observed_at,
        objects.observed_at as partition_at, hour_of(objects.observed_at) as hour_at,
        origin = 'audit' and verb in ('create', 'update', 'patch', 'delete') as is_write,
        case when origin = 'audit' and verb not in ('get', 'list', 'watch') then received_at end as received_at,
        md5(body->>'$.spec') as spec_digest,
        from_json(body, '{
            "metadata": {
                "creationTimestamp": "TIMESTAMPTZ", "deletionTimestamp": "TIMESTAMPTZ", "generation": "BIGINT", "annotations": "JSON", "labels": "JSON", "finalizers": ["VARCHAR"],
                "ownerReferences": [{"kind": "VARCHAR", "name": "VARCHAR", "uid": "VARCHAR", "controller": "BOOLEAN"}]
            },
            "spec": {
                "template": "VARCHAR", "replicas": "BIGINT", "parallelism": "BIGINT", "completions": "BIGINT",
                "updateStrategy": {"type": "VARCHAR", "rollingUpdate": {"partition": "BIGINT"}}
            },
            "status": {
                "observedGeneration": "BIGINT", "replicas": "BIGINT", "updatedReplicas": "BIGINT", "readyReplicas": "BIGINT", "availableReplicas": "BIGINT",
                "updateRevision": "VARCHAR",
                "desiredNumberScheduled": "BIGINT", "updatedNumberScheduled": "BIGINT", "numberAvailable": "BIGINT", "succeeded": "BIGINT",
                "conditions": [{"type": "VARCHAR", "status": "VARCHAR", "reason": "VARCHAR", "message": "VARCHAR", "lastTransitionTime": "TIMESTAMPTZ"}]
            }
        }') as object,
    from objects
    where kind in ('Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'ReplicationController')
    qualify row_number() over (partition by uid, hour_of(objects.observed_at), resource_version, is_deleted, hash(body) order by objects.observed_at, verb, subresource, actor, "user", source_id, source_line, item) = 1
),
versions as (
    select
        * exclude (object), object.metadata as metadata, object.spec as spec, object.status as status,
        md5(object.spec.template) as template, list_filter(coalesce(object.metadata.ownerReferences, []), lambda o: o.controller)[1] as controller,
    from parsed
),
seeded as (
    select versions.*, known.known_template, known.known_version, known.known_generation, known.known_spec
    from versions
    asof left join known on known.uid = versions.uid and known.known_at <= versions.hour_at
),
compared as (
    select
        *,
        lag(template) over by_version as previous_template,
        coalesce(lag(metadata.generation) over by_version, known_generation) as generation_before, coalesce(lag(spec_digest) over by_version, known_spec) as spec_before,
    from seeded
    where template is not null and coalesce(resource_version > known_version, true)
    window by_version as (partition by uid, hour_at order by resource_version, observed_at)
),
-- A write that gives an object its next generation has changed its spec, or has it deleted. If nothing of that is to be seen, it is something that is never stored: the value of a variable in the template.
revealed as (
    select *, coalesce(kind in ('Deployment', 'StatefulSet', 'DaemonSet') and metadata.generation = generation_before + 1 and spec_digest = spec_before and metadata.deletionTimestamp is null, false) as is_hidden_change
    from compared
),
-- A new template, or the first one of what was created in this hour.
templates as (
    select
        *, 'template_changed' as fact, template as key, null as value,
        if(coalesce(previous_template, known_template) is null, 'Created', 'Changed') as reason, null as message,
        coalesce(received_at, observed_at) as lower_at, observed_at as upper_at,
        if(is_write and subresource is null, 'audit', 'object') as at_source, coalesce(resource_version::varchar, template) as epoch,
    from revealed
    where (template is distinct from coalesce(previous_template, known_template) or is_hidden_change)
        and (coalesce(previous_template, known_template) is not null or metadata.creationTimestamp >= hour_at)
        and (kind <> 'ReplicaSet' or controller.kind is distinct from 'Deployment') and (kind not in ('ReplicaSet', 'ReplicationController', 'Job') or coalesce(previous_template, known_template) is null)
),
wants as (
    select
        *, 'wanted' as fact,
        case kind when 'DaemonSet' then status.desiredNumberScheduled when 'Job' then coalesce(spec.completions, spec.parallelism, 1) else coalesce(spec.replicas, 1) end::varchar as key,
        null as value, null as reason, null as message, coalesce(received_at, observed_at) as lower_at, observed_at as upper_at, 'audit' as at_source, coalesce(metadata.generation::varchar, '') as epoch,
    from versions
    where (kind <> 'ReplicaSet' or controller.kind is distinct from 'Deployment') and (kind <> 'DaemonSet' or status.observedGeneration is not null)
),
-- Which pods are a rollout's: the label that a ReplicaSet of that revision, or a StatefulSet's next revision, gives them.
revisions as (
    select
        *, 'revision' as fact, coalesce(metadata.labels->>'$."pod-template-hash"', status.updateRevision) as key, null as value, coalesce(metadata.annotations->>'$."deployment.kubernetes.io/revision"', '') as reason, null as message,
        coalesce(received_at, observed_at) as lower_at, observed_at as upper_at, 'audit' as at_source, coalesce(metadata.annotations->>'$."deployment.kubernetes.io/revision"', '') as epoch,
    from versions
    where (kind = 'ReplicaSet' and controller.kind = 'Deployment' and metadata.labels->>'$."pod-template-hash"' is not null) or (kind = 'StatefulSet' and status.updateRevision <> '')
),
-- What `kubectl rollout status` waits for, and a bare ReplicaSet with all its pods ready.
completions as (
    select
        *, 'completed' as fact, null as key, null as value, null as reason, null as message, coalesce(received_at, observed_at) as lower_at, observed_at as upper_at, 'audit' as at_source,
        coalesce(metadata.generation::varchar, '') as epoch,
    from versions
    where coalesce(status.observedGeneration >= metadata.generation, status.observedGeneration is not null) and metadata.deletionTimestamp is null
        and case kind
            when 'Deployment' then coalesce(status.updatedReplicas, 0) >= coalesce(spec.replicas, 1) and coalesce(status.replicas, 0) <= coalesce(status.updatedReplicas, 0) and coalesce(status.availableReplicas, 0) >= coalesce(status.updatedReplicas, 0)
            when 'StatefulSet' then
                coalesce(status.readyReplicas, 0) >= coalesce(spec.replicas, 1)
                and (coalesce(spec.updateStrategy.type = 'OnDelete', false) or coalesce(status.updatedReplicas, 0) >= coalesce(spec.replicas, 1) - coalesce(spec.updateStrategy.rollingUpdate.partition, 0))
            when 'DaemonSet' then (coalesce(spec.updateStrategy.type = 'OnDelete', false) or coalesce(status.updatedNumberScheduled, 0) >= status.desiredNumberScheduled) and coalesce(status.numberAvailable, 0) >= status.desiredNumberScheduled
            when 'Job' then false
            else controller.kind is distinct from 'Deployment' and coalesce(status.readyReplicas, 0) >= coalesce(spec.replicas, 1)
        end
),
conditions as (
    select
        versions.* exclude (condition), 'condition' as fact, condition.type as key, lower(condition.status) as value, condition.reason as reason, condition.message as message,
        coalesce(condition.lastTransitionTime, received_at, observed_at) as lower_at, observed_at as upper_at, 'condition' as at_source, coalesce(condition.lastTransitionTime::varchar, '') || coalesce(condition.reason, '') as epoch,
    from (select *, unnest(status.conditions) as condition from versions) as versions
    where (kind = 'Deployment' and condition.type = 'Progressing' and condition.status = 'False')
        or (kind <> 'ReplicaSet' and condition.type = 'ReplicaFailure' and condition.status = 'True')
        or (kind = 'Job' and condition.type in ('Complete', 'Failed') and condition.status = 'True')
        -- That a Job goes on ends the time that it was held.
        or (kind = 'Job' and condition.type = 'Suspended')
),
removals as (
    select *, 'removed' as fact, null as key, null as value, null as reason, null as message, coalesce(received_at, observed_at) as lower_at, observed_at as upper_at, 'audit' as at_source, '' as epoch
    from versions
    where is_deleted or metadata.deletionTimestamp is not null or (origin = 'audit' and verb = 'delete')
),
-- A delete in the background, which is what clients ask for, is answered by a Status: its details tell the UID.
answered_removals as (
    select
        cluster, 'audit' as origin,
        case resource when 'deployments' then 'Deployment' when 'replicasets' then 'ReplicaSet' when 'statefulsets' then 'StatefulSet' when 'daemonsets' then 'DaemonSet' when 'jobs' then 'Job' else 'ReplicationController' end as kind,
        namespace, name, uid, 'removed' as fact, coalesce(received_at, stage_at) as lower_at, stage_at as upper_at, stage_at as observed_at, stage_at as partition_at, 'audit' as at_source, '' as epoch,
        split_part(user_agent, ' ', 1) as actor, "user", source_id, source_line,
    from audit_events
    where
        resource in ('deployments', 'replicasets', 'statefulsets', 'daemonsets', 'jobs', 'replicationcontrollers') and subresource is null and verb = 'delete'
        and stage = 'ResponseComplete' and code between 200 and 299 and not is_dry_run and body_table is null and uid is not null
),
facts as (
    select * from templates
    union all by name select * from wants
    union all by name select * from revisions
    union all by name select * from completions
    union all by name select * from conditions
    union all by name select * from removals
    union all by name select * from answered_removals
)
select
    'state' as origin, case origin when 'audit' then 'audit' else 'snapshot' end as source, kind, cluster, namespace, name, uid, fact, key, value,
    -- Whose pods: a revision is one of its owner's.
    case when fact in ('revision', 'template_changed') then controller.uid end as detail,
    reason, message, null::bigint as code, metadata.generation as count,
    least(lower_at, upper_at) as lower_at, upper_at, observed_at, observed_at as last_observed_at, partition_at, origin <> 'list' as is_dated, at_source, actor, "user",
    null as node, resource_version, source_id, source_line, epoch,
from facts
