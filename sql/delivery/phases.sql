-- One row per phase of a delivery.
-- grain: hour
-- inputs: _phases, _tracked_pods, _windows, params
select
    params.cluster, phases.delivery_id, phases.kind, pods.uid, pods.namespace, pods.name, pods.node, pods.started_at as delivery_started_at,
    phases.* exclude (delivery_id, kind), windows._is_open, windows._reach_at,
from _phases as phases
inner join _tracked_pods as pods using (delivery_id)
inner join _windows as windows using (delivery_id)
cross join params
