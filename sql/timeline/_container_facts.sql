-- One row per fact that a pod's version shows about one of its containers: states, readiness, restarts and changes of its spec.
-- inputs: _pod_versions
with statuses as (
    select
        cluster, uid, namespace, name, resource_version, observed_at, partition_at, is_dated, received_at, source, actor, "user", source_id, source_line,
        spec.nodeName as node, spec.initContainers as init_containers, list.role,
        unnest(from_json(list.statuses, '[{
            "name": "VARCHAR", "ready": "BOOLEAN", "started": "BOOLEAN", "restartCount": "BIGINT", "image": "VARCHAR", "imageID": "VARCHAR",
            "state": {
                "waiting": {"reason": "VARCHAR", "message": "VARCHAR"}, "running": {"startedAt": "TIMESTAMPTZ"},
                "terminated": {"reason": "VARCHAR", "message": "VARCHAR", "exitCode": "BIGINT", "signal": "BIGINT", "startedAt": "TIMESTAMPTZ", "finishedAt": "TIMESTAMPTZ"}
            },
            "lastState": {
                "terminated": {"reason": "VARCHAR", "message": "VARCHAR", "exitCode": "BIGINT", "signal": "BIGINT", "startedAt": "TIMESTAMPTZ", "finishedAt": "TIMESTAMPTZ"}
            }
        }]')) as status,
    from (
        select *, unnest([
            {'role': null, 'statuses': status.containerStatuses}, {'role': 'init', 'statuses': status.initContainerStatuses},
            {'role': 'ephemeral', 'statuses': status.ephemeralContainerStatuses}
        ]) as list
        from _pod_versions
    )
    where list.statuses is not null
),
named as (
    select
        * exclude (status, init_containers, role), unnest(status),
        case
            when role = 'init' and len(list_filter(init_containers, lambda c: c.name = status.name and c.restartPolicy = 'Always')) > 0 then 'sidecar'
            else role
        end as role,
        status.name as container,
    from statuses
),
waiting as (
    select
        named.*, 'waiting' as fact, state.waiting.reason as reason, state.waiting.message as message, null::bigint as code,
        received_at as lower_at, observed_at as upper_at, 'container_status' as at_source, restartCount || state.waiting.reason || regexp_replace(coalesce(state.waiting.message, ''), 'back-off [0-9hms.]+ ', '') as epoch,
    from named
    where state.waiting.reason is not null
),
-- A startedAt of 1970 means that it never started.
starts as (
    select
        named.*, 'running' as fact, null as reason, null as message, null::bigint as code,
        started_at as lower_at, least(started_at + interval 1 second, observed_at) as upper_at, 'container_status' as at_source, started_at::varchar as epoch,
    from (
        select *, unnest([state.running.startedAt, state.terminated.startedAt, lastState.terminated.startedAt]) as started_at from named
    ) as named
    where started_at > '1971-01-01'
),
ends as (
    select
        named.* exclude (ended), 'terminated' as fact, ended.reason as reason, ended.message as message, ended.exitCode as code,
        coalesce(case when ended.finishedAt > '1971-01-01' then ended.finishedAt end, received_at) as lower_at,
        coalesce(case when ended.finishedAt > '1971-01-01' then least(ended.finishedAt + interval 1 second, observed_at) end, observed_at) as upper_at,
        'container_status' as at_source, coalesce(ended.finishedAt::varchar, '') || coalesce(ended.reason, '') || coalesce(ended.exitCode::varchar, '') as epoch,
    from (select *, unnest([state.terminated, lastState.terminated]) as ended from named) as named
    where ended.exitCode is not null
),
readiness as (
    select
        named.*, case when ready then 'ready' else 'not_ready' end as fact, null as reason, null as message, null::bigint as code,
        coalesce(case when ready then state.running.startedAt end, received_at) as lower_at, observed_at as upper_at, 'container_status' as at_source,
        restartCount::varchar as epoch,
    from named
    where ready
),
startup as (
    select
        named.*, 'started' as fact, null as reason, null as message, null::bigint as code,
        coalesce(state.running.startedAt, received_at) as lower_at, observed_at as upper_at, 'container_status' as at_source, restartCount::varchar as epoch,
    from named
    where started
),
restarts as (
    select
        named.*, 'restarted' as fact, lastState.terminated.reason as reason, null as message, lastState.terminated.exitCode as code,
        coalesce(lastState.terminated.finishedAt, received_at) as lower_at, observed_at as upper_at, 'container_status' as at_source, restartCount::varchar as epoch,
    from named
    where restartCount > 0
),
facts as (
    select * exclude (started_at) from starts
    union all by name select * from waiting
    union all by name select * from ends
    union all by name select * from readiness
    union all by name select * from startup
    union all by name select * from restarts
)
select
    'state' as origin, source, 'Pod' as kind, cluster, namespace, name, uid, fact, container as key, image as value, role as detail, reason, message, code, restartCount as count,
    lower_at, upper_at, observed_at, observed_at as last_observed_at, partition_at, is_dated, at_source, actor, "user", node, resource_version, source_id, source_line, epoch,
from facts
