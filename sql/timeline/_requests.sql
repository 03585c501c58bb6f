-- One row per answered API request that may be a fact: every write and every refused write, once however many sources hold it.
-- inputs: audit_events[0h, 0h]
-- What is done in somebody's name counts as theirs: their rights decide, and the objects are made for them. `audit_events` keeps who asked.
select * exclude (user_groups, annotations) replace (coalesce(impersonated_user, "user") as "user")
from audit_events
where
    -- Of whoever could not be authenticated the log has nothing after ResponseStarted.
    (stage in ('ResponseComplete', 'Panic') or (stage = 'ResponseStarted' and code = 401)) and not is_dry_run
    and verb in ('create', 'update', 'patch', 'delete', 'deletecollection')
    and resource is not null
    -- Deletes and evictions may ask for a dry run in their body alone.
    and not coalesce(request_body like '%"dryRun":["All"]%', false)
qualify row_number() over (partition by audit_id, stage, stage_at, request_uri, source_ip order by source_id, source_line) = 1
