-- One row per fact that the body of a resource tells that is not tracked, where a user's rule looks at it: its conditions, its phase and what rules of the set `facts` find in it.
-- inputs: audit_events[0h, 0h], wanted_bodies
with bodies as (
    select
        audit_events.* replace (coalesce(impersonated_user, "user") as "user"),
        -- Of a write without its answer the request tells what it changed; lists of JSON patch operations have no places.
        coalesce(response_body, case when verb <> 'get' and ltrim(request_body) like '{%' then request_body end) as body,
    from audit_events
    semi join wanted_bodies as wanted on wanted.resource is null or wanted.resource in (audit_events.resource, audit_events.resource || '.' || audit_events.api_group)
    where
        stage = 'ResponseComplete' and code between 200 and 299 and not is_dry_run and body_table is null and verb in ('create', 'update', 'patch', 'get')
        and (response_kind is null or (response_kind <> 'Status' and response_kind not like '%List'))
    qualify row_number() over (partition by audit_id, stage, stage_at, request_uri, source_ip order by source_id, source_line) = 1
),
told as (
    select * exclude (body, request_body, response_body), unnest(body_facts(resource, api_group, body), recursive := true)
    from bodies
    where body is not null
),
-- What has no time of its own is told by the first body that shows it, until another shows something else.
compared as (
    select
        *, coalesce(value, '') || coalesce(reason, '') as shown,
        lag(shown) over (partition by uid, namespace, name, resource, api_group, fact, key, hour_of(stage_at) order by stage_at, source_id, source_line) as shown_before,
    from told
)
select
    'body' as origin, 'audit' as source, coalesce(response_kind, kind_of(resource)) as kind, cluster, namespace, name, uid, fact, key, value, detail, reason, message,
    null::bigint as code, null::bigint as count,
    -- Times inside of bodies are cut to whole seconds.
    least(coalesce(changed_at, received_at), stage_at) as lower_at, least(coalesce(changed_at + interval 1 second, stage_at), stage_at) as upper_at,
    stage_at as observed_at, stage_at as last_observed_at, stage_at as partition_at, true as is_dated, if(changed_at is null, 'object', 'condition') as at_source,
    user_agent as actor, "user", node, resource_version, source_id, source_line, coalesce(changed_at, stage_at)::varchar || shown as epoch,
    resource, subresource, verb, api_group,
from compared
where changed_at is not null or shown is distinct from shown_before
