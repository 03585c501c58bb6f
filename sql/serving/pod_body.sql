-- One version of one object, whole: the newest, or the one with a resourceVersion.
-- inputs: objects
-- Parameters: $uid; $resource_version, the newest if null.
select cluster, kind, namespace, name, observed_at, resource_version, origin, verb, subresource, source_id, source_line, body
from objects
where uid = $uid and ($resource_version::bigint is null or resource_version = $resource_version)
order by observed_at desc, resource_version desc, source_id, source_line, item
limit 1
