-- The audit events about one pod as they were logged, with their bodies; an answer that is a version of the pod is kept in `objects`.
-- inputs: audit_events, objects
-- Parameters: $uid; $namespace and $name, for the requests that show no UID, of which its creation may be one. $rows at most.
with versions as (
    select source_id, source_line, resource_version, date_trunc('hour', observed_at) as hour_at, body
    from objects
    where uid = $uid and origin = 'audit'
    qualify row_number() over (partition by source_id, source_line order by item) = 1
),
-- A version that comes again in one source and hour is kept once, at its first sighting.
once as (
    select source_id, resource_version, hour_at, min(body) as body
    from versions
    where resource_version is not null
    group by source_id, resource_version, hour_at
)
select
    audit_events.cluster, stage_at, received_at, audit_id, level, stage, verb, request_uri, subresource, code, status_reason, status_message, "user", impersonated_user, user_agent, source_ip,
    is_dry_run, is_truncated, annotations, body_table, request_body, coalesce(response_body, versions.body, once.body) as response_body, audit_events.source_id, audit_events.source_line,
from audit_events
left join versions on body_table = 'objects' and versions.source_id = audit_events.source_id and versions.source_line = audit_events.source_line
left join once
    on body_table = 'objects' and once.source_id = audit_events.source_id and once.resource_version = audit_events.resource_version and once.hour_at = date_trunc('hour', stage_at)
where uid = $uid or (uid is null and resource = 'pods' and namespace = $namespace and name = $name)
order by stage_at, audit_events.source_id, audit_events.source_line
limit $rows
