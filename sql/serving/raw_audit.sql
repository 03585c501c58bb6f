-- One audit event by its ID: all of its stages, with the bodies that are kept in `objects`. Of Events the typed columns are all that is kept: `body_table` says so.
-- inputs: audit_events, objects
-- Parameters: $audit_id.
with stages as (
    select *
    from audit_events
    where audit_id = $audit_id
    order by stage_at, source_id, source_line
    limit 50
),
-- A version that comes again in one source and hour is kept once, at its first sighting.
versions as (
    select source_id, source_line, uid, resource_version, date_trunc('hour', observed_at) as hour_at, body
    from objects
    where origin = 'audit' and uid in (select uid from stages where body_table = 'objects')
)
select
    stages.* replace (
        case
            when body_table = 'objects'
            then coalesce(
                (select min(body) from versions where versions.source_id = stages.source_id and versions.source_line = stages.source_line),
                (
                    select min(body) from versions
                    where versions.source_id = stages.source_id and versions.uid = stages.uid and versions.resource_version = stages.resource_version and versions.hour_at = date_trunc('hour', stages.stage_at)
                )
            )
            else response_body
        end as response_body
    ),
from stages
order by stage_at, source_id, source_line
