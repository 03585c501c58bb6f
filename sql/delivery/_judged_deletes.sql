-- One row per tracked delete: when the pod was gone, and until when it is judged.
-- inputs: _tracked_pods, _milestones
select
    pods.*, milestones.* exclude (delivery_id, kind, uid),
    case when milestones.gone.at <= pods.window_end_at then milestones.gone.at end as delivered_at,
    coalesce(case when milestones.gone.at <= pods.window_end_at then milestones.gone.at end, least(pods.window_end_at, pods.watermark_at)) as judged_until_at,
from _tracked_pods as pods
left join _milestones as milestones using (delivery_id)
where pods.kind = 'pod_delete'
