-- The audit events about one pod as they were logged, with their bodies; an answer that is a version of the pod is kept in `objects`.
-- inputs: audit_events, objects
-- Parameters: $uid; $namespace and $name, for the requests that show no UID, of which its creation may be one. $rows at most.
with versions as (
    select source_id, source_line, body
    from objects
    where uid = $uid and origin = 'audit'
    qualify row_number() over (partition by source_id, source_line order by item) = 1
)
select
    cluster, stage_at, received_at, audit_id, level, stage, verb, request_uri, subresource, code, status_reason, status_message, "user", impersonated_user, user_agent, source_ip,
    is_dry_run, is_truncated, annotations, body_table, request_body, coalesce(response_body, body) as response_body, source_id, source_line,
from audit_events
left join versions using (source_id, source_line)
where uid = $uid or (uid is null and resource = 'pods' and namespace = $namespace and name = $name)
order by stage_at, source_id, source_line
limit $rows
