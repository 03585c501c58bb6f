-- One row per tracked delete: when the pod was gone, and until when it is judged.
-- inputs: _tracked_pods, _tracked_facts, _milestones, _sightings, _unheard
-- A kubelet deletes a pod without grace once all of its containers have stopped: what holds it from then on is a finalizer.
with released as (
    select delivery_id, min("at") as released_at
    from _tracked_facts
    where delivery_kind = 'pod_delete' and operation = 'pod:delete:accepted' and subject = '0' and "user" like 'system:node:%'
    group by delivery_id
),
stopped as (
    select distinct delivery_id
    from _tracked_facts
    where delivery_kind = 'pod_delete' and operation in ('container:terminated', 'pod:phase:Succeeded', 'pod:phase:Failed')
),
-- From when on it may be gone without a line in the log: while its kubelet is not heard, or once that is done with it anybody who holds it.
unheard as (
    select
        pods.delivery_id,
        list_min(list_transform(
            list_filter(
                if(released.released_at is not null or pods.node is null, unheard.any_gaps, unheard.own_gaps),
                lambda gap: gap.to_at > greatest(pods.started_at, coalesce(released.released_at, unheard.seen_at, pods.started_at))
            ),
            lambda gap: greatest(gap.from_at, pods.started_at)
        )) as unheard_at,
    from _tracked_pods as pods
    inner join _unheard as unheard using (delivery_id)
    left join _milestones as milestones using (delivery_id)
    left join released using (delivery_id)
    where pods.kind = 'pod_delete' and milestones.gone is null
)
select
    pods.* replace (list_filter(pods.finalizers, lambda f: not list_contains(sightings.removed_finalizers, f)) as finalizers), milestones.* exclude (delivery_id, kind, uid), released.released_at,
    -- Its state is in the log, it had a node, and nothing says that any of its containers stopped.
    pods.node is not null and milestones.gone is null and released.released_at is null and stopped.delivery_id is null and not sightings.is_state_unseen as is_running,
    -- Whether it still ran, and so whether somebody had to stop it first, the log does not hold.
    (milestones.gone is null and released.released_at is null and (sightings.is_state_unseen or sightings.is_state_missing or sightings.is_excerpt))
        or coalesce(unheard.unheard_at < pods.started_at + interval 10 minute, false) as is_undecidable,
    unheard.unheard_at,
    case when milestones.gone.at <= pods.window_end_at then milestones.gone.at end as delivered_at,
    coalesce(case when milestones.gone.at <= pods.window_end_at then milestones.gone.at end, least(pods.window_end_at, pods.watermark_at)) as judged_until_at,
from _tracked_pods as pods
left join _milestones as milestones using (delivery_id)
left join _sightings as sightings using (delivery_id)
left join released using (delivery_id)
left join stopped using (delivery_id)
left join unheard using (delivery_id)
where pods.kind = 'pod_delete'
