-- One row per stretch in which a node was in one state, ready, not ready, silent or deleted: until when it certainly was, and when the next state is certain.
-- inputs: hyper_events[-24h, +24h]
with sightings as (
    select
        name as node, operation, "at", "at" - to_microseconds((uncertainty_ms * 1000)::bigint) as lower_at, subject, detail, reason, message, code, actor, count, source_id, source_line,
    from hyper_events
    where operation like 'node:condition:Ready:%' or operation = 'node:deleted'
),
-- Each hour shows a state that lasts anew.
changes as (
    select * from sightings
    qualify lag(operation) over (partition by node order by "at", operation, source_id, source_line) is distinct from operation
)
select
    *,
    coalesce(lead("at") over by_time, 'infinity') as until_at,
    coalesce(greatest("at", lead(lower_at) over by_time), 'infinity') as surely_until_at,
from changes
window by_time as (partition by node order by "at", operation, source_id, source_line)
