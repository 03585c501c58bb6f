-- One row per accepted create of a pod whose answer the log does not hold (level Metadata or Request, or dropped for its size), with the pod that came of it.
-- inputs: audit_events[0h, +1h], k8s_events[0h, +1h], objects[0h, +1h], _generated_pods
with creates as (
    select
        cluster, namespace, name, source_id, source_line, coalesce(impersonated_user, "user") as "user", split_part(user_agent, ' ', 1) as actor, request_body, least(received_at, stage_at) as received_at, stage_at, stage_at as seen_at, hour_of(stage_at) as hour_at,
        lead(least(received_at, stage_at)) over (partition by namespace, name order by stage_at) as next_at,
    from audit_events
    where
        resource = 'pods' and subresource is null and (verb = 'create' or (verb = 'patch' and code = 201)) and code between 200 and 299 and stage = 'ResponseComplete'
        and not is_dry_run and body_table is null and name is not null
    qualify row_number() over (partition by audit_id, stage_at, request_uri, source_ip order by source_id, source_line) = 1
),
-- A binding is of the pod that was created last before it; any other sight of a UID may be a late word about the pod that had the name before.
sightings as (
    select namespace, name, uid, stage_at as seen_at, coalesce(subresource = 'binding', false) as is_binding
    from audit_events
    where resource = 'pods' and uid is not null and name is not null and not is_dry_run and code between 200 and 299
    union all
    select involved_namespace, involved_name, involved_uid, partition_at, false
    from k8s_events
    where involved_kind = 'Pod' and length(involved_uid) = 36
    union all
    select namespace, name, uid, observed_at, false from objects where kind = 'Pod'
),
known as (
    select creates.source_id, creates.source_line, arg_min(sightings.uid, (not sightings.is_binding, sightings.seen_at, sightings.uid)) as uid
    from creates
    inner join (
        select *, min(seen_at) over (partition by uid, hour_of(seen_at)) as first_at
        from (from sightings semi join creates using (namespace, name))
    ) as sightings
        on sightings.namespace = creates.namespace and sightings.name = creates.name
        and sightings.seen_at >= creates.received_at and sightings.seen_at < coalesce(creates.next_at, 'infinity') and sightings.seen_at < creates.hour_at + interval 2 hour
        and (sightings.is_binding or sightings.first_at >= creates.received_at)
    group by creates.source_id, creates.source_line
),
named as (
    select creates.* exclude (next_at), known.uid from creates left join known using (source_id, source_line)
    union all by name
    select * from _generated_pods
)
select * replace (coalesce(uid, 'name:' || namespace || '/' || name || '@' || epoch_us(received_at)) as uid)
from named
