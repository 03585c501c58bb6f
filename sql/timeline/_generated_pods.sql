-- One row per accepted create of a pod with a generated name whose answer the log does not hold, and the pod that came of it: found by the name's start.
-- inputs: audit_events[-1h, +1h]
--
-- Creates of one `generateName` and the names that show up later go in step: whenever as many names have shown up as were created, each of these names belongs to one of those creates. So a pod
-- was created at one of the creates of its stretch, and after none that is later than its own first sight; the interval says which. Names show up by their binding, or by what
-- the scheduler says of them. Each hour looks at itself and one hour around it.
with writes as not materialized (
    select
        * replace (coalesce(impersonated_user, "user") as "user"), unnest([hour_of(stage_at) - interval 1 hour, hour_of(stage_at), hour_of(stage_at) + interval 1 hour]) as hour_at,
    from audit_events
    where resource = 'pods' and stage = 'ResponseComplete' and code between 200 and 299 and not is_dry_run and body_table is null
),
births as (
    select
        hour_at, cluster, namespace, left(request_body->>'$.metadata.generateName', 58) as prefix, least(received_at, stage_at) as "at", stage_at,
        source_id, source_line, "user", split_part(user_agent, ' ', 1) as actor, request_body, hour_of(stage_at) = hour_at as is_own,
    from writes
    where subresource is null and verb = 'create' and name is null and request_body is not null
    qualify row_number() over (partition by hour_at, audit_id, stage_at, request_uri, source_ip order by source_id, source_line) = 1
),
sights as (
    select hour_at, namespace, name, prefix, min(stage_at) as "at", min(uid) as uid
    from (
        select *, left(name, -5) as prefix
        from writes
        where (subresource = 'binding' or (subresource = 'status' and "user" not like 'system:node:%')) and length(name) > 5
    )
    semi join births using (hour_at, namespace, prefix)
    group by hour_at, namespace, name, prefix
),
steps as (
    select hour_at, namespace, prefix, "at", 1 as step, source_id, source_line, stage_at, null as name, null as uid from births where prefix is not null
    union all
    select hour_at, namespace, prefix, "at", -1, null, null, null, name, uid from sights
),
summed as (
    select *, sum(step) over (partition by hour_at, namespace, prefix order by "at", step desc, source_id, source_line, name rows unbounded preceding) as balance
    from steps
),
-- A name that shows up without a create before it was created before the log begins.
floored as (
    select
        *,
        least(0, coalesce(min(balance) over (partition by hour_at, namespace, prefix order by "at", step desc, source_id, source_line, name rows between unbounded preceding and 1 preceding), 0)) as floor,
    from summed
),
matched as (
    select
        *,
        sum((step = 1 and balance - 1 = floor)::int) over (partition by hour_at, namespace, prefix order by "at", step desc, source_id, source_line, name rows unbounded preceding) as stretch,
    from floored
    where step = 1 or balance >= floor
),
numbered as (
    select
        *,
        row_number() over (partition by hour_at, namespace, prefix, stretch, step order by "at", source_id, source_line, name) as nth,
        min("at") over (partition by hour_at, namespace, prefix, stretch) as first_at,
        max(stage_at) over (partition by hour_at, namespace, prefix, stretch order by "at", step desc, source_id, source_line, name rows unbounded preceding) as last_stage_at,
    from matched
)
select
    births.cluster, births.namespace, sights.name, sights.uid, births.source_id, births.source_line, births."user", births.actor, births.request_body,
    sights.first_at as received_at, sights.last_stage_at as stage_at, births.stage_at as seen_at, births.hour_at,
from numbered as sights
inner join numbered as nth_births using (hour_at, namespace, prefix, stretch, nth)
inner join births on births.hour_at = nth_births.hour_at and births.source_id = nth_births.source_id and births.source_line = nth_births.source_line
where sights.step = -1 and nth_births.step = 1 and births.is_own
