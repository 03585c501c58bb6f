-- One row per answered API request that may be a fact: every write and every refused write, once however many sources hold it.
-- inputs: audit_events[0h, 0h]
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
),
repeated as (
    select audit_id from writes group by audit_id having count(*) > 1
),
copies as (
    select writes.source_id, writes.source_line
    from writes
    inner join repeated on repeated.audit_id is not distinct from writes.audit_id
    qualify row_number() over (partition by writes.audit_id, stage, stage_at, request_uri, source_ip order by source_id, source_line) > 1
)
select
    cluster, source_id, source_line, audit_id, verb, api_group, resource, subresource, namespace, name, uid, resource_version, code, status_reason, status_message, "user", user_agent, received_at, stage_at,
    response_kind, body_table, request_uri, request_body, response_body,
from writes
anti join copies using (source_id, source_line)
