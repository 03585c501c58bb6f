-- Each delivery at each value of one dimension: what an error code can gather at.
-- inputs: deliveries
-- Parameters: $dimension, `node`, `namespace`, `workload`, `image`, `zone` or `kubelet_version`; $kind.
--
-- What was deleted before it was ready, with no error, failed nowhere; nor did a create in a namespace that is going away.
select
    cluster, delivery_id, started_at, uid,
    case when error_code not in ('DeletedBeforeReady', 'NamespaceTerminating') then error_code end as error_code,
    fault,
    unnest(case $dimension
        when 'node' then [node]
        when 'namespace' then [namespace]
        when 'workload' then [namespace || '/' || owner_kind || '/' || owner_name]
        when 'zone' then [zone]
        when 'kubelet_version' then [kubelet_version]
        when 'image' then list_distinct(images)
    end) as value,
from deliveries
where kind = $kind
