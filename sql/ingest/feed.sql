-- One row per frame of an Events or object feed: typed, sorted into kept, filtered and unreadable.
-- reads: frames
-- gives: parsed
with
    read as (
        select
            *,
            from_json(
                object,
                '{
                    "kind": "VARCHAR", "apiVersion": "VARCHAR", "involvedObject": {"kind": "VARCHAR"}, "regarding": {"kind": "VARCHAR"},
                    "metadata": {"namespace": "VARCHAR", "name": "VARCHAR", "uid": "VARCHAR", "resourceVersion": "VARCHAR", "creationTimestamp": "VARCHAR"},
                    "firstTimestamp": "VARCHAR", "deprecatedFirstTimestamp": "VARCHAR", "eventTime": "VARCHAR"
                }'
            ) as head
        from frames
    ),

    -- What was taken out of a typed List may say no kind: older support bundles hold arrays of such.
    named as (
        select
            *,
            coalesce(
                head.kind,
                case
                    when coalesce(head.involvedObject.kind, head.regarding.kind) is not null then 'Event'
                    when json_exists(object, '$.spec.containers') then 'Pod'
                    when json_exists(object, '$.status.nodeInfo') then 'Node'
                end
            ) as kind,
            coalesce(head.apiVersion, case when head.regarding.kind is not null then 'events.k8s.io/v1' when head.involvedObject.kind is not null or (head.kind is null and kind is not null) then 'v1' end) as api_version,
            kind || case when contains(api_version, '/') then '.' || split_part(api_version, '/', 1) else '' end as object_type,
            object_type in ('Event', 'Event.events.k8s.io') as is_event,
            coalesce(list_contains(getvariable('tracked_kinds'), object_type), false) as is_tracked,
            try_cast(observed_text as timestamptz) as seen_at,
            try_cast(coalesce(head.firstTimestamp, head.deprecatedFirstTimestamp, head.eventTime, head.metadata.creationTimestamp) as timestamptz) as first_at
        from read
    ),

    -- Without a time of arrival an object was certainly so at the latest time that it tells of itself; when it will be deleted is no such time.
    timed as (
        select
            *,
            case
                when seen_at is not null then seen_at
                when is_event then null
                when is_tracked
                then list_max(
                    list_transform(
                        regexp_extract_all(
                            object,
                            '"(?:creationTimestamp|startTime|startedAt|finishedAt|completionTime|time|last[A-Z][A-Za-z]*Time|last[A-Z][A-Za-z]*Timestamp)":"([^"]+)"',
                            1
                        ),
                        lambda word: try_cast(word as timestamptz)
                    )
                )
            end as observed_at
        from named
    ),

    judged as (
        select
            *,
            case
                when coalesce(frame_type, '') in ('BOOKMARK', 'ERROR') then null
                when origin = 'watch' and not coalesce(frame_type in ('ADDED', 'MODIFIED', 'DELETED', 'LISTED'), false) then 'not a watch frame'
                when kind is null or api_version is null then 'not a Kubernetes object'
                when observed_text is not null and seen_at is null then 'bad observed_at'
                when seen_at is not null and not seen_at between timestamptz '2014-01-01 00:00:00+00' and timestamptz '2200-01-01 00:00:00+00' then 'bad observed_at'
                when is_event and (first_at is null or not first_at between timestamptz '2014-01-01 00:00:00+00' and timestamptz '2200-01-01 00:00:00+00')
                    then 'an Event without a readable time'
                when is_tracked and head.metadata.uid is null then 'an object without metadata.uid'
                when is_tracked and (observed_at is null or not observed_at between timestamptz '2014-01-01 00:00:00+00' and timestamptz '2200-01-01 00:00:00+00')
                    then 'an object without a readable time'
            end as reason,
            reason is null and (coalesce(frame_type, '') in ('BOOKMARK', 'ERROR') or not (is_event or is_tracked)) as is_filtered
        from timed
    ),

    cut as (
        select *, case when is_tracked then cut_managed_fields(object) end as cut_object from judged
    ),

    env_hidden as (
        select *, hide_env(without_managed_fields(cut_object)) as object_env from cut
    ),

    more_hidden as (
        select *, hide_more(object_env) as object_more from env_hidden
    ),

    -- Of an Event, only its message is stored, and hidden then.
    hidden as (
        select *, case when is_tracked then hide_rest(object_more) when is_event then object end as body from more_hidden
    )

select
    line_no,
    reason is null and not is_filtered as is_kept,
    is_filtered,
    reason,
    case when reason is not null then line end as raw,
    -- The same version of an object tells nothing new, however the watch met it; an Event keeps each kind of sighting.
    hash(
        head.metadata.uid,
        head.metadata.resourceVersion,
        if(head.metadata.uid is null or head.metadata.resourceVersion is null, object, null),
        if(is_event, coalesce(frame_type, ''), if(frame_type = 'DELETED', 'DELETED', ''))
    ) as record_key,
    origin,
    lower(frame_type) as verb,
    null::varchar as subresource,
    null::varchar as user,
    null::varchar as user_agent,
    null::timestamptz as received_at,
    observed_at,
    first_at as partition_at,
    coalesce(frame_type = 'DELETED', false) as is_deleted,
    null::varchar as server,
    case when is_event then 'k8s_events' when is_tracked then 'objects' end as body_table,
    true as is_read,
    version_key(head.metadata.uid, try_cast(head.metadata.resourceVersion as bigint), body, observed_at) as version_key,
    sighting_key(version_key, 'read') as sighting_key,
    null::varchar as actor,
    0::bigint as item,
    kind as object_kind,
    api_version as object_api_version,
    head.metadata.namespace as object_namespace,
    head.metadata.name as object_name,
    head.metadata.uid as object_uid,
    try_cast(head.metadata.resourceVersion as bigint) as resource_version,
    body
from hidden
