-- One row per pod and hour: its attributes as of its newest version there.
-- grain: hour
-- inputs: objects[0h, 0h], audit_events[0h, 0h], _requested_pods, _owners
with answered as (
    select
        cluster, uid, hour_of(observed_at) as hour_at,
        max(observed_at) as seen_at, min(observed_at) as first_seen_at,
        max(resource_version) as resource_version,
        any_value(namespace) as namespace, any_value(name) as name,
        arg_max(body, (resource_version, observed_at, source_id, source_line, item)) as body,
    from objects
    where kind = 'Pod'
    group by cluster, uid, hour_at
),
-- A pod whose answers the log does not hold is what its create asked for.
requested as (
    select
        cluster, uid, hour_of(seen_at) as hour_at, seen_at, least(received_at, seen_at) as first_seen_at, null::bigint as resource_version, namespace, name,
        request_body as body,
    from _requested_pods
    where uid is not null
    qualify row_number() over (partition by uid, hour_at order by seen_at desc, source_id, source_line) = 1
),
-- A binding tells a name's UID, and at level Request its node.
bindings as (
    select
        cluster, uid, hour_of(stage_at) as hour_at, any_value(namespace) as namespace, any_value(name) as name, min(stage_at) as first_seen_at, max(stage_at) as seen_at,
        min(request_body->>'$.target.name') as node,
    from audit_events
    where resource = 'pods' and subresource = 'binding' and uid is not null and code between 200 and 299 and not is_dry_run
    group by cluster, uid, hour_at
),
unanswered as (
    select * from requested
    union all by name
    select * exclude (node) from bindings anti join requested using (uid, hour_at)
),
newest as (
    select *, true as is_answered from answered
    union all by name
    select *, false as is_answered from unanswered anti join answered using (uid, hour_at)
),
-- Without its body, the kubelet that writes a pod's status tells the node.
writers as (
    select namespace, name, hour_of(stage_at) as hour_at, min(regexp_extract("user", '^system:node:(.+)$', 1)) as node
    from audit_events
    where resource = 'pods' and subresource = 'status' and "user" like 'system:node:%' and code between 200 and 299 and body_table is null and request_body is null and not is_dry_run
    group by namespace, name, hour_at
    having min("user") = max("user")
),
parsed as (
    select
        * exclude (body),
        from_json(body, '{
            "metadata": {
                "creationTimestamp": "TIMESTAMPTZ", "deletionTimestamp": "TIMESTAMPTZ", "finalizers": ["VARCHAR"], "annotations": "JSON", "labels": "JSON",
                "ownerReferences": [{"kind": "VARCHAR", "name": "VARCHAR", "uid": "VARCHAR", "controller": "BOOLEAN"}]
            },
            "spec": {
                "hostNetwork": "BOOLEAN", "nodeName": "VARCHAR", "schedulerName": "VARCHAR", "restartPolicy": "VARCHAR", "serviceAccountName": "VARCHAR", "runtimeClassName": "VARCHAR", "priority": "BIGINT",
                "terminationGracePeriodSeconds": "DOUBLE", "schedulingGates": [{"name": "VARCHAR"}], "readinessGates": [{"conditionType": "VARCHAR"}], "volumes": ["JSON"],
                "containers": [{
                    "name": "VARCHAR", "image": "VARCHAR", "resources": "VARCHAR",
                    "readinessProbe": "JSON", "startupProbe": "JSON", "lifecycle": {"postStart": "JSON"}
                }],
                "initContainers": [{"name": "VARCHAR", "image": "VARCHAR", "resources": "VARCHAR", "restartPolicy": "VARCHAR", "startupProbe": "JSON", "lifecycle": {"postStart": "JSON"}}],
                "ephemeralContainers": [{"name": "VARCHAR", "image": "VARCHAR"}]
            },
            "status": {
                "phase": "VARCHAR", "hostIP": "VARCHAR", "podIP": "VARCHAR", "podIPs": [{"ip": "VARCHAR"}],
                "resize": "VARCHAR", "conditions": [{"type": "VARCHAR", "status": "VARCHAR", "reason": "VARCHAR", "lastTransitionTime": "TIMESTAMPTZ"}],
                "containerStatuses": [{
                    "name": "VARCHAR", "ready": "BOOLEAN", "resources": "VARCHAR", "containerID": "VARCHAR",
                    "state": {"running": {"startedAt": "TIMESTAMPTZ"}, "terminated": {"startedAt": "TIMESTAMPTZ", "finishedAt": "TIMESTAMPTZ"}},
                    "lastState": {"terminated": {"containerID": "VARCHAR", "startedAt": "TIMESTAMPTZ", "finishedAt": "TIMESTAMPTZ"}}
                }], "initContainerStatuses": [{
                    "name": "VARCHAR", "ready": "BOOLEAN", "resources": "VARCHAR", "containerID": "VARCHAR",
                    "state": {"running": {"startedAt": "TIMESTAMPTZ"}, "terminated": {"startedAt": "TIMESTAMPTZ", "finishedAt": "TIMESTAMPTZ"}},
                    "lastState": {"terminated": {"containerID": "VARCHAR", "startedAt": "TIMESTAMPTZ", "finishedAt": "TIMESTAMPTZ"}}
                }]
            }
        }') as pod,
    from newest
    where body is not null
),
flat as (
    select
        * exclude (pod), pod.metadata as metadata, pod.spec as spec, pod.status as status, resize_state(pod.status.conditions, pod.status.resize) as resize_state,
        coalesce(pod.status.containerStatuses, []) || coalesce(pod.status.initContainerStatuses, []) as statuses,
        list_filter(coalesce(pod.metadata.ownerReferences, []), lambda o: o.controller)[1] as controller,
        coalesce(pod.spec.containers, []) as containers,
        coalesce(pod.spec.initContainers, []) as init_containers,
        coalesce(pod.spec.volumes, []) as volumes,
        json_extract_string(pod.metadata.annotations, '$."kubernetes.io/config.mirror"') as config_hash,
    from parsed
),
measured as (
    select
        *,
        -- The API server asks for what is the limit where nothing else is asked for.
        coalesce(list_sum(list_transform(containers, lambda c: coalesce(quantity(coalesce(c.resources->>'$.requests.cpu', c.resources->>'$.limits.cpu')), 0))), 0.0) as cpu_request_cores,
        coalesce(list_sum(list_transform(containers, lambda c: coalesce(quantity(coalesce(c.resources->>'$.requests.memory', c.resources->>'$.limits.memory')), 0))), 0.0) as memory_request_bytes,
        list_transform(list_filter(containers, lambda c: c.readinessProbe is not null or c.startupProbe is not null or c.lifecycle.postStart is not null), lambda c: c.name) as readiness_wait_containers,
        list_transform(list_filter(containers, lambda c: c.readinessProbe is null and c.startupProbe is null and c.lifecycle.postStart is not null), lambda c: c.name) as hook_wait_containers,
        list_transform(containers, lambda c: {'name': c.name, 'role': null::varchar, 'image': c.image, 'resources': c.resources})
            || list_transform(init_containers, lambda c: {'name': c.name, 'role': if(c.restartPolicy = 'Always', 'sidecar', 'init'), 'image': c.image, 'resources': c.resources})
            || list_transform(coalesce(spec.ephemeralContainers, []), lambda c: {'name': c.name, 'role': 'ephemeral', 'image': c.image, 'resources': null::varchar}) as specs,
        list_transform(statuses, lambda s: {
            'container': s.name, 'container_id': s.containerID,
            'started_at': coalesce(s.state.running.startedAt, s.state.terminated.startedAt), 'finished_at': s.state.terminated.finishedAt
        }) || list_transform(list_filter(statuses, lambda s: s.lastState.terminated is not null), lambda s: {
            'container': s.name, 'container_id': s.lastState.terminated.containerID, 'started_at': s.lastState.terminated.startedAt, 'finished_at': s.lastState.terminated.finishedAt
        }) as runs,
        -- A generic ephemeral volume's claim is named after the pod and the volume.
        list_transform(volumes, lambda v: coalesce(v->>'$.persistentVolumeClaim.claimName', case when json_exists(v, '$.ephemeral') then name || '-' || (v->>'$.name') end)) as claims,
        list_bool_or(list_transform(volumes, lambda v: not list_has_any(json_keys(v), ['emptyDir', 'downwardAPI', 'configMap', 'secret', 'projected']))) as stateful,
    from flat
)
select
    measured.cluster, measured.uid, measured.namespace, measured.name, measured.seen_at, measured.first_seen_at, metadata.creationTimestamp as created_at, measured.resource_version, coalesce(spec.nodeName, bindings.node) as node,
    coalesce(owners.owner_kind, owner_by_hash(controller.kind, controller.name, metadata.labels).kind, controller.kind) as owner_kind,
    coalesce(owners.owner_name, owner_by_hash(controller.kind, controller.name, metadata.labels).name, controller.name) as owner_name,
    controller.kind as controller_kind, controller.name as controller_name, controller.uid as controller_uid,
    distinct_in_order(list_transform(init_containers, lambda c: c.image) || list_transform(containers, lambda c: c.image)) as images,
    coalesce(spec.restartPolicy, 'Always') as restart_policy, coalesce(spec.schedulerName, if(is_answered, null, 'default-scheduler')) as scheduler_name, coalesce(spec.serviceAccountName, if(is_answered, null, 'default')) as service_account, spec.runtimeClassName as runtime_class, spec.priority as priority,
    cpu_request_cores, memory_request_bytes, len(containers) as container_count, len(init_containers) as init_container_count, len(volumes) as volume_count,
    coalesce(spec.restartPolicy, 'Always') <> 'Always' as is_job,
    config_hash is not null as is_static,
    coalesce(controller.kind = 'DaemonSet', false) as is_daemon,
    coalesce(stateful, false) as stateful,
    coalesce(metadata.labels->>'$."pod-template-hash"', metadata.labels->>'$."controller-revision-hash"') as revision,
    case
        when cpu_request_cores > 32 or memory_request_bytes > 64 * 1073741824.0 or len(containers) > 10 then 'unbounded'
        when cpu_request_cores > 8 or memory_request_bytes > 16 * 1073741824.0 then 'large'
        when len(containers) > 3 or len(volumes) > 15 then 'complex'
        else 'typical'
    end as size_class,
    len(readiness_wait_containers) > 0 as has_readiness_wait, readiness_wait_containers, hook_wait_containers,
    list_transform(containers, lambda c: c.name) as container_names,
    list_transform(list_filter(init_containers, lambda c: c.restartPolicy is distinct from 'Always'), lambda c: c.name) as init_container_names,
    list_transform(list_filter(init_containers, lambda c: c.restartPolicy = 'Always'), lambda c: c.name) as sidecar_names,
    list_transform(coalesce(spec.readinessGates, []), lambda g: g.conditionType) as readiness_gates,
    list_transform(coalesce(spec.schedulingGates, []), lambda g: g.name) as scheduling_gates,
    coalesce(metadata.finalizers, []) as finalizers,
    spec.terminationGracePeriodSeconds as grace_period_s,
    -- What runs on its node's network has no address of its own.
    case when not coalesce(spec.hostNetwork, false) then list_filter(distinct_in_order(list_transform(coalesce(status.podIPs, []), lambda p: p.ip) || [status.podIP]), lambda ip: ip is distinct from status.hostIP) end as ips,
    coalesce(list_filter(status.conditions, lambda c: c.type = 'PodScheduled' and c.status = 'True')[1].lastTransitionTime, bindings.first_seen_at) as scheduled_at,
    case
        when status.phase in ('Succeeded', 'Failed') then coalesce(list_max(list_transform(statuses, lambda s: s.state.terminated.finishedAt)), measured.seen_at)
        when metadata.deletionTimestamp is not null then measured.seen_at
    end as released_at,
    -- A start of 1970 means that it never started.
    case when is_answered then to_json(list_transform(
        runs,
        lambda r: {
            'container': r.container, 'image': list_filter(specs, lambda c: c.name = r.container)[1].image, 'container_id': r.container_id,
            'started_at': if(r.started_at > '1971-01-01', r.started_at, null), 'finished_at': if(r.finished_at > '1971-01-01', r.finished_at, null)
        }
    ))::varchar end as container_runs,
    config_hash,
    list_filter(claims, lambda c: c is not null) as claims,
    -- What a create asks for is not yet what admission makes of it.
    case when is_answered then to_json(specs)::varchar end as container_specs,
    resize_state,
    list_transform(
        list_filter(statuses, lambda s: s.resources is not null and (not s.ready and resize_state is not null or not same_resources(list_filter(specs, lambda c: c.name = s.name)[1].resources, s.resources))),
        lambda s: s.name
    ) as unactuated_containers,
from measured
left join _owners as owners on owners.uid = controller.uid
left join bindings on bindings.uid = measured.uid and bindings.hour_at = measured.hour_at
union all by name
-- Nothing but names.
select newest.cluster, newest.uid, newest.namespace, newest.name, newest.seen_at, newest.first_seen_at, coalesce(bindings.node, writers.node) as node, bindings.first_seen_at as scheduled_at
from newest
left join bindings on bindings.uid = newest.uid and bindings.hour_at = newest.hour_at
left join writers on writers.namespace = newest.namespace and writers.name = newest.name and writers.hour_at = newest.hour_at
where newest.body is null
