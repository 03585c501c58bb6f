-- One row per tracked delete: when the pod was gone, and until when it is judged.
-- inputs: _tracked_pods, _milestones, _sightings
select
    pods.* replace (list_filter(pods.finalizers, lambda f: not list_contains(sightings.removed_finalizers, f)) as finalizers), milestones.* exclude (delivery_id, kind, uid),
    -- Whether it still ran, and so whether somebody had to stop it first, the log does not hold.
    milestones.gone is null and (sightings.is_state_unseen or sightings.is_state_missing) as is_undecidable,
    case when milestones.gone.at <= pods.window_end_at then milestones.gone.at end as delivered_at,
    coalesce(case when milestones.gone.at <= pods.window_end_at then milestones.gone.at end, least(pods.window_end_at, pods.watermark_at)) as judged_until_at,
from _tracked_pods as pods
left join _milestones as milestones using (delivery_id)
left join _sightings as sightings using (delivery_id)
where pods.kind = 'pod_delete'
