-- One row per answered API request that may be a fact: every write and every refused write, once however many sources hold it.
-- inputs: audit_events[0h, 0h], _copies
-- What is done in somebody's name counts as theirs: their rights decide, and the objects are made for them. `audit_events` keeps who asked.
with writes as not materialized (
    select * replace (coalesce(impersonated_user, "user") as "user")
    from audit_events
    where
        -- Of whoever could not be authenticated the log has nothing after ResponseStarted.
        (stage in ('ResponseComplete', 'Panic') or (stage = 'ResponseStarted' and code = 401)) and not is_dry_run
        and verb in ('create', 'update', 'patch', 'delete', 'deletecollection')
        and resource is not null
        -- Deletes and evictions may ask for a dry run in their body alone.
        and not coalesce(request_body like '%"dryRun":["All"]%', false)
)
select
    cluster, source_id, source_line, audit_id, verb, api_group, resource, subresource, namespace, name, uid, resource_version, code, status_reason, status_message, "user", user_agent, received_at, stage_at,
    response_kind, body_table, request_uri, request_body, response_body,
from writes
anti join _copies using (source_id, source_line)
