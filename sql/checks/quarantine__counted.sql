-- The quarantine holds as many lines of a source as the ledger counts.
-- inputs: quarantine, sources
with held as (
    select source_id, count(*) as lines
    from quarantine
    group by source_id
)
select source_id, sources.uri, sources.quarantined, coalesce(held.lines, 0) as held
from sources
full join held using (source_id)
-- Retention takes the lines and leaves the ledger; a source that has some lost none.
where sources.source_id is null or (held.lines is not null and held.lines <> sources.quarantined)
