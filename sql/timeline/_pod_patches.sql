-- One row per accepted write to a pod whose answer the log does not hold: what it says to be so from then on, in the shape of an object.
-- inputs: audit_events[0h, 0h], pods[-168h, +1h], _identities, _requested_pods, params
--
-- Strategic and plain merge patches, applied configurations and updates have that shape; lists of JSON patch operations are brought into it. What a write leaves out says nothing: the log does
-- not tell merge patches apart, so that a list may be all there is or what is added to it, and an applied configuration speaks for one manager alone.
with writes as (
    select
        cluster, uid, namespace, name, source_id, source_line, verb, subresource, coalesce(impersonated_user, "user") as "user", request_body, stage_at, least(received_at, stage_at) as received_at,
        hour_of(stage_at) as hour_at, split_part(user_agent, ' ', 1) as actor,
    from audit_events
    where
        resource = 'pods' and (subresource is null or subresource in ('status', 'resize', 'ephemeralcontainers')) and verb in ('patch', 'update') and stage = 'ResponseComplete'
        and code between 200 and 299 and coalesce(code <> 201, true) and not is_dry_run and body_table is null and name is not null
),
-- The scheduler writes no UID: it means the pod that has the name then.
before as (
    select writes.source_id, writes.source_line, identities.uid
    from writes asof join _identities as identities
        on writes.namespace = identities.namespace and writes.name = identities.name and writes.stage_at >= identities.from_at
    where writes.uid is null
),
after as (
    select writes.source_id, writes.source_line, identities.uid
    from writes asof join _identities as identities
        on writes.namespace = identities.namespace and writes.name = identities.name and writes.stage_at <= identities.from_at
    where writes.uid is null and identities.from_at < writes.hour_at + interval 2 hour
),
resolved as (
    select writes.* replace (coalesce(writes.uid, before.uid, after.uid) as uid)
    from writes
    left join before using (source_id, source_line)
    left join after using (source_id, source_line)
),
containers as (
    select uid, arg_min(container_names, (seen_at, container_names)) as container_names from pods group by uid
)
select
    resolved.* exclude (request_body),
    case when starts_with(ltrim(request_body), '[') then json_patch_as_merge(request_body, containers.container_names) else request_body end as body,
from resolved
left join containers using (uid)
union all by name
-- A create says what was asked for.
select
    requested.cluster, requested.uid, requested.namespace, requested.name, requested.source_id, requested.source_line, 'create' as verb, null as subresource, requested.user as "user",
    requested.seen_at as stage_at, requested.received_at, requested.hour_at, requested.actor, requested.request_body as body,
from _requested_pods as requested
cross join params
where requested.request_body is not null and requested.uid is not null and requested.seen_at >= params.from_at and requested.seen_at < params.to_at
