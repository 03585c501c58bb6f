-- One row per line of the audit log that an earlier source holds as well: what was shipped again counts once.
-- inputs: audit_events[0h, 0h]
with repeated as (
    select audit_id, stage from audit_events group by audit_id, stage having count(*) > 1
)
select source_id, source_line
from audit_events
inner join repeated on repeated.audit_id is not distinct from audit_events.audit_id and repeated.stage is not distinct from audit_events.stage
qualify row_number() over (partition by audit_events.audit_id, audit_events.stage, stage_at, request_uri, source_ip order by source_id, source_line) > 1
