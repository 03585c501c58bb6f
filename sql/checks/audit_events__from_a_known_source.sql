-- Every row is of a source that the ledger knows, and of a line that the source has.
-- inputs: audit_events, sources
select audit_events.source_id, source_line, audit_events.stage_at
from audit_events
left join sources using (source_id)
where sources.source_id is null or source_line > sources.lines
