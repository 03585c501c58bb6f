-- The kept lines of an audit log, without the bodies that other tables hold.
-- reads: parsed
-- gives: audit_events
select
    line_no,
    audit_id,
    level,
    stage,
    verb,
    request_uri,
    api_group,
    resource,
    subresource,
    namespace,
    name,
    uid,
    resource_version,
    code,
    status_reason,
    status_message,
    user,
    user_groups,
    impersonated_user,
    user_agent,
    source_ip,
    received_at,
    stage_at,
    is_dry_run,
    is_truncated,
    annotations,
    response_kind,
    body_table,
    request_body,
    response_body
from parsed
where is_kept
