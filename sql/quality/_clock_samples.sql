-- One row per thing that must have happened after another by another clock (of an API server, or a node): the most, in ms, that the second clock can be ahead of the first.
-- inputs: audit_events[0h, 0h], k8s_events[0h, 0h]
--
-- What comes later on one clock and earlier on another bounds how far they are apart: a write that has the greater resourceVersion was committed later, a kubelet's Event is received after it
-- happened, and a kubelet acts on a pod after its binding was asked for.
with requests as (
    -- A log that does not say which server wrote it has a clock of its own.
    select * replace (coalesce(server, source_id) as server) from audit_events
),
writes as (
    select
        hour_of(stage_at) as bucket_at, server, coalesce(api_group, '') || '/' || resource as resource_type, resource_version, coalesce(received_at, stage_at) as received_at, stage_at,
        -- A write that changes nothing answers with a version of old: it is later than what its own server wrote after that version.
        min(stage_at) over (
            partition by hour_of(stage_at), server, api_group, resource order by resource_version desc, stage_at rows between unbounded preceding and 1 preceding
        ) as next_stage_at,
    from requests
    -- Events may live in a store of their own, but all of them do.
    where verb in ('create', 'update', 'patch') and stage = 'ResponseComplete' and code between 200 and 299 and not is_dry_run and resource_version is not null
),
in_order as (
    select
        bucket_at, server, stage_at,
        lag(server) over by_version as server_before, lag(received_at) over by_version as received_before,
    from writes
    where received_at <= coalesce(next_stage_at, 'infinity')
    window by_version as (partition by bucket_at, resource_type order by resource_version, stage_at, server)
),
-- A kubelet names an Event by its own clock's nanosecond.
happened as (
    select
        hour_of(partition_at) as bucket_at, coalesce(requests.server, k8s_events.source_id) as server, host as node, involved_uid as uid, k8s_events.received_at, count, origin, created_at,
        make_timestamptz(try_cast('0x' || regexp_extract(event_name, '\.([0-9a-f]{14,16})$', 1) as bigint) // 1000) as happened_at, coalesce(event_at, first_at) as stated_at,
    from k8s_events
    left join requests on requests.source_id = k8s_events.source_id and requests.source_line = k8s_events.source_line and requests.body_table = 'k8s_events'
    where component = 'kubelet' and host is not null
),
named as (
    select * from happened where happened_at >= stated_at and happened_at < stated_at + interval 1 second
),
bindings as (
    select server, uid, hour_of(stage_at) as bucket_at, coalesce(received_at, stage_at) as received_at
    from requests
    where resource = 'pods' and subresource = 'binding' and code between 200 and 299 and not is_dry_run and uid is not null
    qualify row_number() over (partition by audit_id, stage_at order by source_id, source_line) = 1
)
select bucket_at, 'server' as first_kind, server_before as first, 'server' as second_kind, server as second, us_between(received_before, stage_at) / 1e3 as ahead_ms
from in_order
where server_before <> server
union all
select bucket_at, 'node', node, 'server', server, us_between(happened_at, received_at) / 1e3
from named
where origin = 'audit' and count = 1 and received_at is not null
union all
select bindings.bucket_at, 'server', bindings.server, 'node', named.node, us_between(bindings.received_at, min(named.happened_at)) / 1e3
from bindings
inner join named on named.uid = bindings.uid and named.bucket_at = bindings.bucket_at
group by bindings.bucket_at, bindings.server, bindings.uid, bindings.received_at, named.node
