-- Frames from a live cluster: a repeated Event is placed by its latest occurrence, which is what the sighting adds, as an audited write is.
-- An Event that goes on for days would else change the hour that it began in, and all that is made from it, with every snapshot.
-- reads: parsed
-- gives: parsed
with read as (
    select
        *,
        case
            when body_table = 'k8s_events'
                then from_json(
                    body,
                    '{
                        "count": "VARCHAR", "deprecatedCount": "VARCHAR", "series": {"count": "VARCHAR", "lastObservedTime": "VARCHAR"},
                        "lastTimestamp": "VARCHAR", "deprecatedLastTimestamp": "VARCHAR"
                    }'
                )
        end as event
    from parsed
),

repeated as (
    select
        *,
        case
            when coalesce(try_cast(event.series.count as bigint), try_cast(event.count as bigint), try_cast(event.deprecatedCount as bigint), 1) > 1
                then least(try_cast(coalesce(event.series.lastObservedTime, event.lastTimestamp, event.deprecatedLastTimestamp) as timestamptz), observed_at)
        end as repeated_at
    from read
)

-- A time before the first occurrence is none.
select * exclude (event, repeated_at) replace (case when repeated_at > partition_at then repeated_at else partition_at end as partition_at)
from repeated
order by line_no
