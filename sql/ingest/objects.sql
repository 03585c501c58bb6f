-- The versions of objects that kept lines hold. `version_key` names a version, `sighting_key` a version with how it was met.
-- reads: parsed
-- gives: objects
select
    line_no,
    0::bigint as item,
    origin,
    observed_at,
    received_at,
    verb,
    subresource,
    split_part(user_agent, ' ', 1) as actor,
    user,
    object_kind as kind,
    object_api_version as api_version,
    object_namespace as namespace,
    object_name as name,
    object_uid as uid,
    resource_version,
    is_deleted,
    body,
    hash(object_uid, resource_version, body, date_trunc('hour', observed_at)) as version_key,
    hash(object_uid, resource_version, body, date_trunc('hour', observed_at), sighting) as sighting_key,
    sighting = 'read' as is_read
from parsed
where is_kept and body_table = 'objects'
