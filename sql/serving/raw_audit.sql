-- One audit event by its ID: all of its stages.
-- inputs: audit_events
-- Parameters: $audit_id.
select *
from audit_events
where audit_id = $audit_id
order by stage_at, source_id, source_line
limit 50
