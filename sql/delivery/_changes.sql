-- One row per write that changes images or resources of a pod on a node: what a `pod_upgrade` delivers.
-- inputs: hyper_events[-24h, +24h], pods[-168h, +24h]
-- A patch without its answer does not say where the pod is: what tells that it is on a node has come before.
with bindings as (
    select uid, min("at") as bound_at
    from (
        select uid, "at" from hyper_events where operation in ('pod:bound', 'event:Scheduled', 'pod:acknowledged')
        union all
        select uid, seen_at from pods where node is not null
    )
    group by uid
),
changes as (
    select
        *, "at" - to_microseconds((uncertainty_ms * 1000)::bigint) as lower_at, split_part(message, ' -> ', 1) as image_before,
        case operation when 'image:changed' then 'image' else 'resources' end as change, coalesce(epoch, "at"::varchar) as change_key,
    from hyper_events
    left join bindings using (uid)
    -- Before a pod is bound nothing runs that could be upgraded: the change is part of its creation.
    where operation in ('image:changed', 'resources:changed') and uid is not null and (node is not null or bindings.bound_at <= "at")
    qualify row_number() over (partition by uid, change_key, operation, subject order by "at", observed_at, source_id, source_line) = 1
),
-- Whoever changes the same thing again before it was delivered wants something else.
replaced as (
    select *, lead(lower_at) over (partition by uid, change, subject order by "at", change_key) as changed_again_at
    from changes
),
-- What is being deleted or has ended is not upgraded.
ended as (
    select uid, min("at" - to_microseconds((uncertainty_ms * 1000)::bigint)) as ended_at
    from hyper_events
    where operation in ('pod:delete:accepted', 'pod:delete:seen', 'pod:phase:Failed', 'pod:phase:Succeeded')
    group by uid
),
writes as (
    select
        uid, change_key, any_value(namespace) as namespace, any_value(name) as name, min("at") as answered_at, min(lower_at) as received_at, bool_and(at_source = 'audit') as is_write,
        arg_min("user", ("at", "user")) as "user",
        min(changed_again_at) as superseded_at,
        list_sort(list(distinct change)) as changes,
        list({'container': subject, 'change': change, 'state': reason, 'runs': count, 'image': detail, 'image_before': if(change = 'image', image_before, null)} order by subject, change) as changed,
    from replaced
    group by uid, change_key
)
select
    writes.*,
    -- A write that the log does not hold happened at some time before the version that shows it.
    if(is_write, received_at, answered_at) as started_at,
    if(is_write, us_between(received_at, answered_at) / 1000.0, 0.0) as started_uncertainty_ms,
    if(is_write, 'audit', 'object') as started_source,
from writes
left join ended using (uid)
where coalesce(ended.ended_at > writes.received_at, true)
