-- One row per line of an audit log: typed, sorted into kept, filtered and unreadable, with the bodies that are worth keeping.
-- reads: lines (line_no, line), each a JSON value
-- gives: parsed
with
    read as (
        select
            line_no,
            line,
            from_json(
                line,
                '{
                    "kind": "VARCHAR", "apiVersion": "VARCHAR", "level": "VARCHAR", "auditID": "VARCHAR", "stage": "VARCHAR",
                    "requestURI": "VARCHAR", "verb": "VARCHAR", "user": {"username": "VARCHAR", "groups": ["VARCHAR"]},
                    "impersonatedUser": {"username": "VARCHAR"}, "sourceIPs": ["VARCHAR"], "userAgent": "VARCHAR",
                    "objectRef": {
                        "resource": "VARCHAR", "namespace": "VARCHAR", "name": "VARCHAR", "uid": "VARCHAR", "apiGroup": "VARCHAR",
                        "subresource": "VARCHAR"
                    },
                    "responseStatus": {"code": "VARCHAR", "reason": "VARCHAR", "message": "VARCHAR"},
                    "requestReceivedTimestamp": "VARCHAR", "stageTimestamp": "VARCHAR", "timestamp": "VARCHAR", "annotations": "JSON",
                    "requestObject": {
                        "kind": "VARCHAR", "apiVersion": "VARCHAR", "metadata": {"name": "VARCHAR", "uid": "VARCHAR"},
                        "dryRun": ["VARCHAR"], "involvedObject": {"kind": "VARCHAR"}, "regarding": {"kind": "VARCHAR"}
                    },
                    "responseObject": {
                        "kind": "VARCHAR", "apiVersion": "VARCHAR", "message": "VARCHAR", "details": {"name": "VARCHAR", "uid": "VARCHAR"},
                        "metadata": {"name": "VARCHAR", "namespace": "VARCHAR", "uid": "VARCHAR", "resourceVersion": "VARCHAR"}
                    }
                }'
            ) as event
        from lines
    ),

    -- Logs of v1alpha1 and v1beta1 have only one time.
    timed as (
        select
            *,
            coalesce(event.stageTimestamp, event.timestamp) as stage_text,
            try_cast(coalesce(event.stageTimestamp, event.timestamp) as timestamptz) as stage_at,
            try_cast(event.requestReceivedTimestamp as timestamptz) as received_at,
            try_cast(event.responseStatus.code as bigint) as code,
            event.objectRef.resource || coalesce('.' || nullif(event.objectRef.apiGroup, ''), '') as resource_type,
            event.responseObject.kind as answer_kind,
            event.responseObject.kind || case when contains(event.responseObject.apiVersion, '/') then '.' || split_part(event.responseObject.apiVersion, '/', 1) else '' end as answer_type
        from read
    ),

    judged as (
        select
            *,
            case
                when coalesce(event.kind, 'Event') <> 'Event' or not coalesce(starts_with(event.apiVersion, 'audit.k8s.io/'), event.auditID is not null) then 'not an audit event'
                when event.auditID is null or event.stage is null or event.verb is null or event.requestURI is null
                    then 'an audit event without auditID, stage, verb or requestURI'
                when stage_text is null then 'no stageTimestamp'
                when stage_at is null or not stage_at between timestamptz '2014-01-01 00:00:00+00' and timestamptz '2200-01-01 00:00:00+00' then 'bad stageTimestamp'
                when event.requestReceivedTimestamp is not null and received_at is null then 'bad requestReceivedTimestamp'
                when event.responseStatus.code is not null and code is null then 'bad responseStatus.code'
            end as reason,
            coalesce(
                list_contains(getvariable('filtered_stages'), event.stage)
                or list_contains(getvariable('filtered_resources'), resource_type)
                or list_contains(getvariable('filtered_users'), event.user.username),
                false
            ) as is_filtered,
            (regexp_matches(event.requestURI, '[?&]dryRun=') or coalesce(len(event.requestObject.dryRun) > 0, false)) as is_dry_run,
            coalesce(list_contains(getvariable('kept_resources'), resource_type), false) as is_kept_resource,
            coalesce(list_contains(getvariable('sensitive_resources'), resource_type || coalesce('/' || event.objectRef.subresource, '')), false)
            or coalesce(list_contains(getvariable('sensitive_resources'), resource_type), false) as is_sensitive,
            event.verb in ('create', 'update', 'patch', 'delete', 'deletecollection') as is_write,
            coalesce(code >= 400, false) as is_refused
        from timed
    ),

    -- Only an answer to a real request that went well is a version of the object.
    placed as (
        select
            *,
            case
                when reason is not null or is_filtered or is_dry_run or event.stage <> 'ResponseComplete' or not coalesce(code between 200 and 299, false) then null
                when list_contains(getvariable('tracked_kinds'), answer_type) and event.responseObject.metadata.uid is not null then 'objects'
                when event.verb not in ('create', 'update', 'patch') then null
                when answer_type in ('Event', 'Event.events.k8s.io') then 'k8s_events'
                when answer_kind is null and resource_type in ('events', 'events.events.k8s.io')
                    and coalesce(event.requestObject.involvedObject.kind, event.requestObject.regarding.kind) is not null then 'k8s_events'
            end as body_table
        from judged
    ),

    wanted as (
        select
            *,
            reason is null and not is_filtered as is_kept,
            is_kept and not is_sensitive and (
                resource_type || coalesce('.' || event.objectRef.subresource, '') in ('pods.binding', 'pods.eviction')
                or (is_kept_resource and is_write and not is_dry_run and (
                    event.verb in ('delete', 'deletecollection') or (body_table is null and (event.verb = 'create' or not is_refused))
                ))
                or (body_table is null and coalesce(list_contains(getvariable('all_bodies_of'), resource_type), false))
            ) as wants_request,
            is_kept and not is_sensitive and body_table is null and (
                (is_kept_resource and is_write and not is_dry_run and (
                    is_refused or answer_kind = 'PartialObjectMetadata' or (event.verb = 'deletecollection' and resource_type = 'pods')
                ))
                or coalesce(list_contains(getvariable('all_bodies_of'), resource_type), false)
            ) as wants_response
        from placed
    ),

    -- Redacted side by side: the macros are long, and planned wherever they are written.
    hidden as (
        select
            *,
            redact_texts([
                event.requestURI,
                coalesce(event.responseStatus.message, case when answer_kind = 'Status' then event.responseObject.message end),
                event.userAgent,
                hide_webhook_patches(nullif(event.annotations::varchar, '{}'))
            ]) as texts,
            redact_bodies([
                case when wants_request then nullif(json_extract(line, '$.requestObject')::varchar, 'null') end,
                case when wants_response or body_table = 'objects' then without_managed_fields(json_extract(line, '$.responseObject')::varchar) end
            ]) as bodies
        from wanted
    )

select
    line_no,
    is_kept,
    is_filtered and reason is null as is_filtered,
    reason,
    case when reason is not null then line end as raw,
    hash(event.auditID, event.stage, stage_text, event.requestURI) as record_key,
    'audit' as origin,
    event.auditID as audit_id,
    event.level as level,
    event.stage as stage,
    event.verb as verb,
    texts[1] as request_uri,
    nullif(event.objectRef.apiGroup, '') as api_group,
    event.objectRef.resource as resource,
    event.objectRef.subresource as subresource,
    event.objectRef.namespace as namespace,
    coalesce(event.objectRef.name, case when answer_kind <> 'Status' then event.responseObject.metadata.name end, event.requestObject.metadata.name) as name,
    coalesce(
        case when answer_kind <> 'Status' then event.responseObject.metadata.uid when event.verb = 'delete' then event.responseObject.details.uid end,
        event.objectRef.uid,
        event.requestObject.metadata.uid
    ) as uid,
    case when answer_kind <> 'Status' then try_cast(event.responseObject.metadata.resourceVersion as bigint) end as resource_version,
    code,
    event.responseStatus.reason as status_reason,
    texts[2] as status_message,
    event.user.username as user,
    event.user.groups as user_groups,
    event.impersonatedUser.username as impersonated_user,
    texts[3] as user_agent,
    event.sourceIPs[-1] as source_ip,
    received_at,
    stage_at,
    stage_at as partition_at,
    stage_at as observed_at,
    is_dry_run,
    coalesce(contains(event.annotations, '"audit.k8s.io/truncated":"true"'), false) as is_truncated,
    texts[4] as annotations,
    answer_kind as response_kind,
    body_table,
    false as is_deleted,
    case when event.verb in ('get', 'list', 'watch') then 'read' when event.verb = 'delete' then 'delete' else 'write' end as sighting,
    answer_kind as object_kind,
    event.responseObject.apiVersion as object_api_version,
    event.responseObject.metadata.namespace as object_namespace,
    event.responseObject.metadata.name as object_name,
    event.responseObject.metadata.uid as object_uid,
    bodies[1] as request_body,
    case when wants_response then bodies[2] end as response_body,
    case
        when body_table = 'objects' then bodies[2]
        when body_table = 'k8s_events' and answer_kind is not null then json_extract(line, '$.responseObject')::varchar
        when body_table = 'k8s_events' then json_extract(line, '$.requestObject')::varchar
    end as body
from hidden
