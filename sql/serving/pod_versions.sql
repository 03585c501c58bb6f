-- The versions of one object that the log shows, oldest first, without their bodies.
-- inputs: objects
-- Parameters: $uid.
select
    cluster, observed_at, resource_version, origin, verb, subresource, actor, "user", is_deleted, source_id, source_line, item,
    row_number() over (order by observed_at, resource_version, source_id, source_line, item) as version,
    count(*) over () as versions,
from objects
where uid = $uid
order by version
