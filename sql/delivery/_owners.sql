-- One row per workload object with the workload at the top of its owner chain: a ReplicaSet's Deployment, a Job's CronJob.
-- inputs: objects[-168h, +1h]
with owners as (
    select uid, kind, name, arg_max(body, (resource_version, observed_at, body)) as body
    from objects
    where kind in ('ReplicaSet', 'Job', 'ReplicationController')
    group by uid, kind, name
),
parsed as (
    select
        uid, kind, name,
        list_filter(coalesce(from_json(body, '{"metadata": {"ownerReferences": [{"kind": "VARCHAR", "name": "VARCHAR", "uid": "VARCHAR", "controller": "BOOLEAN"}]}}').metadata.ownerReferences, []), lambda o: o.controller)[1] as parent,
    from owners
)
select uid, coalesce(parent.kind, kind) as owner_kind, coalesce(parent.name, name) as owner_name
from parsed
