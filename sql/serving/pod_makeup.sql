-- A pod as its newest version of the time shows it: who owns it, where it runs, and its containers.
-- inputs: pods
-- Parameters: $uid.
select
    cluster, uid, namespace, name, seen_at, created_at, node, owner_kind, owner_name, controller_kind, controller_name, images, restart_policy, scheduler_name, service_account,
    priority, cpu_request_cores, memory_request_bytes, size_class, container_names, init_container_names, sidecar_names, container_specs, finalizers, claims, revision,
from pods
where uid = $uid
order by seen_at desc
limit 1
