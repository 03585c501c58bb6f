-- Keys of the lines that a List would repeat, as `sql/ingest/feed.sql` makes them: what live sources of the same day hold already.
-- An object that was taken for gone and shows again is no repeat.
-- reads: objects, k8s_events (rows of live sources), variable day_at
-- gives: one column of keys
with gone as (
    select distinct uid from objects where is_deleted
)

select hash(uid, resource_version::varchar, null::varchar, '') as key
from objects
where observed_at >= getvariable('day_at') and resource_version is not null and uid not in (from gone)
union all
select hash(event_uid, resource_version::varchar, null::varchar, 'LISTED')
from k8s_events
where observed_at >= getvariable('day_at') and resource_version is not null and not is_deleted
