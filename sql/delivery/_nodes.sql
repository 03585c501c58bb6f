-- One row per node and hour that shows it: where it is and what runs on it, as of its newest version there.
-- inputs: objects[-168h, +2h]
with newest as (
    select name as node, hour_of(observed_at) as hour_at, arg_max(body, (observed_at, resource_version, body)) as body
    from objects
    where kind = 'Node'
    group by name, hour_at
),
parsed as (
    select node, hour_at, from_json(body, '{"metadata": {"labels": "JSON"}, "status": {"nodeInfo": {"kubeletVersion": "VARCHAR"}}}') as object
    from newest
)
select
    node, hour_at,
    coalesce(json_extract_string(object.metadata.labels, '$."topology.kubernetes.io/zone"'), json_extract_string(object.metadata.labels, '$."failure-domain.beta.kubernetes.io/zone"')) as zone,
    coalesce(
        json_extract_string(object.metadata.labels, '$."karpenter.sh/nodepool"'), json_extract_string(object.metadata.labels, '$."eks.amazonaws.com/nodegroup"'),
        json_extract_string(object.metadata.labels, '$."cloud.google.com/gke-nodepool"'), json_extract_string(object.metadata.labels, '$."kubernetes.azure.com/agentpool"'),
        json_extract_string(object.metadata.labels, '$."agentpool"')
    ) as node_pool,
    object.status.nodeInfo.kubeletVersion as kubelet_version,
from parsed
