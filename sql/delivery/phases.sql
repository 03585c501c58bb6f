-- One row per phase of a delivery.
-- grain: hour
-- inputs: _phases, _judged, _windows, params
select
    params.cluster, phases.delivery_id, phases.kind, judged.uid, judged.namespace, judged.name, judged.node, judged.started_at as delivery_started_at,
    phases.* exclude (delivery_id, kind), windows._is_open, windows._reach_at,
from _phases as phases
inner join _judged as judged using (delivery_id)
inner join _windows as windows using (delivery_id)
cross join params
