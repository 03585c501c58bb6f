-- One row per workload object and hour: what it runs and who owns it, as of its newest version there.
-- grain: hour
-- inputs: objects[0h, 0h]
with newest as (
    select
        cluster, kind, uid, hour_of(observed_at) as hour_at, any_value(namespace) as namespace, any_value(name) as name,
        max(observed_at) as seen_at, max(resource_version) as resource_version, arg_max(body, (resource_version, observed_at, body)) as body,
    from objects
    where kind in ('Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'ReplicationController')
    group by cluster, kind, uid, hour_at
),
parsed as (
    select
        * exclude (body),
        md5(body->>'$.spec') as spec,
        from_json(body, '{
            "metadata": {
                "creationTimestamp": "TIMESTAMPTZ", "generation": "BIGINT", "annotations": "JSON", "labels": "JSON",
                "ownerReferences": [{"kind": "VARCHAR", "name": "VARCHAR", "uid": "VARCHAR", "controller": "BOOLEAN"}]
            },
            "spec": {"template": "VARCHAR"}
        }') as object,
    from newest
),
owned as (
    select *, list_filter(coalesce(object.metadata.ownerReferences, []), lambda o: o.controller)[1] as controller
    from parsed
)
select
    cluster, kind, uid, namespace, name, seen_at, object.metadata.creationTimestamp as created_at, resource_version, object.metadata.generation as generation,
    md5(object.spec.template) as template, spec,
    object.metadata.annotations->>'$."deployment.kubernetes.io/revision"' as revision, object.metadata.labels->>'$."pod-template-hash"' as template_hash,
    controller.kind as controller_kind, controller.name as controller_name, controller.uid as controller_uid,
from owned
