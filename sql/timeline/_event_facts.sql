-- One row per known occurrence of an Event: its first, and the last one of each sighting that counted more.
-- inputs: k8s_events[0h, 0h]
with sightings as (
    select
        cluster, event_namespace, event_name, involved_kind, involved_namespace, involved_name, involved_uid, involved_field_path, reason, type, component, host,
        count, first_at, last_at, event_at, created_at, origin, hour_of(partition_at) as hour_at,
        arg_min(message, (observed_at, resource_version, message)) as message,
        arg_min(source_id, (observed_at, source_id, source_line)) as source_id,
        arg_min(source_line, (observed_at, source_id, source_line)) as source_line,
        arg_min(resource_version, (observed_at, resource_version)) as resource_version,
        min(observed_at) as observed_at,
        min(partition_at) as partition_at,
    from k8s_events
    where not is_deleted and reason is not null
    group by all
),
-- client-go names an Event <object>.<hex UnixNano>: the instant of its first occurrence, on the clock of whoever reports it.
named as (
    select
        *,
        coalesce(event_at, first_at, created_at) as stated_at,
        try_cast('0x' || regexp_extract(event_name, '\.([0-9a-f]{14,16})$', 1) as bigint) as name_ns,
        observed_at as seen_at,
        nullif(regexp_extract(involved_field_path, '\{(.+)\}', 1), '') as container,
        case when involved_field_path like 'spec.initContainers%' then 'init' when involved_field_path like 'spec.ephemeralContainers%' then 'ephemeral' end as role,
    from sightings
),
timed as (
    select
        *,
        case
            when epoch_ns(stated_at) is not null and name_ns >= epoch_ns(stated_at) and name_ns < epoch_ns(stated_at) + 1000000000
                then make_timestamptz(name_ns // 1000)
        end as name_at,
    from named
),
first_occurrences as (
    select
        *,
        coalesce(name_at, event_at, first_at, created_at, seen_at, partition_at) as lower_at,
        coalesce(name_at, event_at, least(coalesce(first_at, created_at) + interval 1 second, coalesce(seen_at, 'infinity')), seen_at, partition_at) as upper_at,
        case when name_at is not null then 'event_name' else 'event' end as at_source,
        1 as occurrence,
    from timed
    -- A later patch of an Event whose first occurrence lies in an earlier hour repeats what that hour has.
    where count = 1 or origin <> 'audit' or hour_of(stated_at) = hour_of(partition_at)
),
last_occurrences as (
    select
        *,
        last_at as lower_at,
        case when last_at <> second_of(last_at) then last_at else least(last_at + interval 1 second, greatest(coalesce(seen_at, 'infinity'), last_at)) end as upper_at,
        'event' as at_source,
        count as occurrence,
    from timed
    where count > 1 and last_at is not null
),
occurrences as (
    select * from first_occurrences
    union all by name
    select * from last_occurrences
)
select
    'event' as origin, 'event' as source, coalesce(involved_kind, 'Unknown') as kind, cluster, involved_namespace as namespace, involved_name as name, nullif(involved_uid, '') as uid,
    'event' as fact, coalesce(container, nullif(regexp_extract(message, '(?i)volume "([^"]+)"', 1), '')) as key, type as value,
    coalesce(role, nullif(regexp_extract(message, '(?i)image "([^"]+)"', 1), '')) as detail,
    reason, message, null::bigint as code, occurrence as count,
    lower_at, upper_at,
    coalesce(seen_at, upper_at) as observed_at,
    upper_at as last_observed_at, partition_at, true as is_dated,
    at_source, component as actor, null as "user", nullif(host, '') as node, resource_version, source_id, source_line,
    concat_ws('/', event_namespace, event_name, occurrence, reason) as epoch,
from occurrences
