-- One row per line of an audit log: typed, sorted into kept, filtered and unreadable, with the bodies that are worth keeping. The kept ones are `audit_events`,
-- without the body that `body_table` has; an object that one holds is in columns of its own. Columns that begin with `logged_` are texts that secrets are hidden in
-- afterwards (`texts.sql`, `pipelines.ingest.repeated_texts`).
-- reads: lines (line_no, line), each a JSON value
-- gives: parsed
with
    -- One walk over the line for everything that is asked of it, but for requests' bodies: few are kept, and writing them all costs more than a second walk for those.
    read as (
        select
            line_no,
            line,
            json_extract_string(
                line,
                [
                    '$.kind', '$.apiVersion', '$.level', '$.auditID', '$.stage', '$.requestURI', '$.verb', '$.user.username',
                    '$.user.groups', '$.impersonatedUser.username', '$.sourceIPs[#-1]', '$.userAgent', '$.objectRef.resource',
                    '$.objectRef.apiGroup', '$.objectRef.subresource', '$.objectRef.namespace', '$.objectRef.name', '$.objectRef.uid',
                    '$.responseStatus.code', '$.responseStatus.reason', '$.responseStatus.message', '$.requestReceivedTimestamp',
                    '$.stageTimestamp', '$.timestamp', '$.annotations', '$.requestObject.metadata.name',
                    '$.requestObject.metadata.uid', '$.requestObject.dryRun', '$.requestObject.involvedObject.kind',
                    '$.requestObject.regarding.kind', '$.responseObject', '$.responseObject.kind', '$.responseObject.apiVersion',
                    '$.responseObject.metadata.name', '$.responseObject.metadata.namespace', '$.responseObject.metadata.uid',
                    '$.responseObject.metadata.resourceVersion', '$.responseObject.message', '$.responseObject.details.uid'
                ]
            ) as f
        from lines
    ),

    named as (
        select
            line_no,
            line,
            f[1] as event_kind,
            f[2] as event_api_version,
            f[3] as level,
            f[4] as audit_id,
            f[5] as stage,
            f[6] as uri,
            f[7] as verb,
            f[8] as "user",
            f[9] as groups,
            f[10] as impersonated_user,
            f[11] as source_ip,
            f[12] as agent,
            f[13] as resource,
            nullif(f[14], '') as api_group,
            f[15] as subresource,
            f[16] as namespace,
            f[17] as ref_name,
            f[18] as ref_uid,
            f[19] as code_text,
            f[20] as status_reason,
            f[21] as answer_message,
            f[22] as received_text,
            -- Logs of v1alpha1 and v1beta1 have only one time.
            coalesce(f[23], f[24]) as stage_text,
            nullif(f[25], '{}') as notes,
            f[26] as request_name,
            f[27] as request_uid,
            f[28] as request_dry_run,
            coalesce(f[29], f[30]) as involved_kind,
            f[31] as answer,
            f[32] as answer_kind,
            f[33] as answer_api_version,
            f[34] as answer_name,
            f[35] as answer_namespace,
            f[36] as answer_uid,
            f[37] as answer_version,
            f[38] as status_text,
            f[39] as details_uid
        from read
    ),

    timed as (
        select
            *,
            try_cast(stage_text as timestamptz) as stage_at,
            try_cast(received_text as timestamptz) as received_at,
            try_cast(code_text as bigint) as code,
            resource || coalesce('.' || api_group, '') as resource_type,
            answer_kind || case when contains(answer_api_version, '/') then '.' || split_part(answer_api_version, '/', 1) else '' end as answer_type,
            case when contains(uri, 'dryRun=') then regexp_matches(uri, '[?&]dryRun=') else false end or coalesce(starts_with(request_dry_run, '[') and request_dry_run <> '[]', false) as is_dry_run,
            verb in ('create', 'update', 'patch', 'delete', 'deletecollection') as is_write
        from named
    ),

    judged as (
        select
            *,
            case
                when coalesce(event_kind, 'Event') <> 'Event' or not coalesce(starts_with(event_api_version, 'audit.k8s.io/'), audit_id is not null) then 'not an audit event'
                when audit_id is null or stage is null or verb is null or uri is null then 'an audit event without auditID, stage, verb or requestURI'
                when stage_text is null then 'no stageTimestamp'
                when stage_at is null or not stage_at between timestamptz '2014-01-01 00:00:00+00' and timestamptz '2200-01-01 00:00:00+00' then 'bad stageTimestamp'
                when received_text is not null and received_at is null then 'bad requestReceivedTimestamp'
                when code_text is not null and code is null then 'bad responseStatus.code'
            end as reason,
            coalesce(
                list_contains(getvariable('filtered_stages'), stage)
                or list_contains(getvariable('filtered_resources'), resource_type)
                or list_contains(getvariable('filtered_users'), "user"),
                false
            ) as is_filtered,
            coalesce(list_contains(getvariable('kept_resources'), resource_type), false) as is_kept_resource,
            coalesce(list_contains(getvariable('all_bodies_of'), resource_type), false) as is_all_kept,
            coalesce(list_contains(getvariable('sensitive_resources'), resource_type || coalesce('/' || subresource, '')), false)
            or coalesce(list_contains(getvariable('sensitive_resources'), resource_type), false) as is_sensitive,
            coalesce(code >= 400, false) as is_refused
        from timed
    ),

    -- Only an answer to a real request that went well is a version of the object.
    placed as (
        select
            *,
            reason is null and not is_filtered as is_kept,
            case
                when reason is not null or is_filtered or is_dry_run or stage <> 'ResponseComplete' or not coalesce(code between 200 and 299, false) then null
                when list_contains(getvariable('tracked_kinds'), answer_type) and answer_uid is not null then 'objects'
                when verb not in ('create', 'update', 'patch') then null
                when answer_type in ('Event', 'Event.events.k8s.io') then 'k8s_events'
                when answer_kind is null and resource_type in ('events', 'events.events.k8s.io') and involved_kind is not null then 'k8s_events'
            end as body_table
        from judged
    ),

    wanted as (
        select
            *,
            case
                when is_kept and not is_sensitive and (
                    resource_type || coalesce('.' || subresource, '') in ('pods.binding', 'pods.eviction')
                    or (is_kept_resource and is_write and not is_dry_run and (
                        verb in ('delete', 'deletecollection') or (body_table is null and (verb = 'create' or not is_refused))
                    ))
                    or (body_table is null and is_all_kept)
                ) then json_extract_string(line, '$.requestObject')
            end as request_body,
            case
                when body_table = 'objects' then answer
                when is_kept and not is_sensitive and body_table is null and (
                    (is_kept_resource and is_write and not is_dry_run and (
                        is_refused or answer_kind = 'PartialObjectMetadata' or (verb = 'deletecollection' and resource_type = 'pods')
                    ))
                    or is_all_kept
                ) then answer
            end as body,
            case when body_table = 'k8s_events' then case when answer_kind is not null then answer else json_extract_string(line, '$.requestObject') end end as event_body,
            coalesce(answer_message, case when answer_kind = 'Status' then status_text end) as message
        from placed
    ),

    cut as (
        select *, cut_managed_fields(body) as cut_body from wanted
    ),

    slim as (
        select *, without_managed_fields(cut_body) as slim_body from cut
    ),

    env_hidden as (
        select * exclude (request_body), hide_env(request_body) as request_env, hide_env(slim_body) as body_env from slim
    ),

    more_hidden as (
        select *, hide_more(request_env) as request_more, hide_more(body_env) as body_more from env_hidden
    ),

    hidden as (
        select
            *,
            hide_rest(request_more) as request_body,
            hide_rest(body_more) as hidden_body,
            case when verb in ('get', 'list', 'watch') then 'read' when verb = 'delete' then 'delete' else 'write' end as sighting
        from more_hidden
    ),

    keyed as (
        select
            *,
            case when body_table = 'objects' then version_key(answer_uid, try_cast(answer_version as bigint), hidden_body, stage_at) end as version_key
        from hidden
    )

select
    line_no,
    is_kept,
    is_filtered and reason is null as is_filtered,
    reason,
    case when reason is not null then line end as raw,
    hash(audit_id, stage, stage_text, uri) as record_key,
    'audit' as origin,
    -- Wrappers may tell.
    null::varchar as server,
    audit_id,
    level,
    stage,
    verb,
    uri as logged_request_uri,
    api_group,
    resource,
    subresource,
    namespace,
    coalesce(ref_name, case when answer_kind <> 'Status' then answer_name end, request_name) as name,
    coalesce(case when answer_kind <> 'Status' then answer_uid when verb = 'delete' then details_uid end, ref_uid, request_uid) as uid,
    case when answer_kind <> 'Status' then try_cast(answer_version as bigint) end as resource_version,
    code,
    status_reason,
    message as logged_status_message,
    "user",
    groups as user_groups,
    impersonated_user,
    agent as logged_user_agent,
    source_ip,
    received_at,
    stage_at,
    stage_at as partition_at,
    stage_at as observed_at,
    is_dry_run,
    notes as logged_annotations,
    answer_kind as response_kind,
    body_table,
    false as is_deleted,
    sighting = 'read' as is_read,
    version_key,
    sighting_key(version_key, sighting) as sighting_key,
    0::bigint as item,
    -- What is done in somebody's name counts as theirs.
    coalesce(impersonated_user, "user") as object_user,
    answer_kind as object_kind,
    answer_api_version as object_api_version,
    answer_namespace as object_namespace,
    answer_name as object_name,
    answer_uid as object_uid,
    request_body,
    case when body_table is null then hidden_body end as response_body,
    case when body_table is null then null else coalesce(event_body, hidden_body) end as body
from keyed
