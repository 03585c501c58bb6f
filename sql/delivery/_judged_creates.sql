-- One row per tracked create: when it was delivered, what the objective `wall` says, whether it held, and until when it is judged.
-- inputs: _tracked_pods, _tracked_facts, _milestones, _evidence, _sightings, _first_looks, _unheard, objective_limits, delivery_settings
with base_limits as (
    select
        pods.delivery_id,
        coalesce(
            max(limits.limit_s) filter (limits.namespace = pods.namespace),
            max(limits.limit_s) filter (limits.workload_kind = workload_kind_of(pods.kind, pods.owner_kind)),
            max(limits.limit_s) filter (limits.applies_to = case when coalesce(pods.is_job, false) then 'run_to_completion' else 'long_running' end)
        ) as base_limit_s,
    from _tracked_pods as pods
    inner join objective_limits as limits on limits.kind = pods.kind and limits.objective = 'wall'
    where pods.kind = 'pod_create'
    group by pods.delivery_id
),
limits as (
    select pods.*, base_limits.base_limit_s from _tracked_pods as pods inner join base_limits using (delivery_id)
),
-- Init time from the first init image pull to Initialized extends the limit, if it ended inside it.
init_pulls as (
    select delivery_id, min("at") as pulled_at
    from _tracked_facts
    where operation in ('event:Pulling', 'event:Pulled') and detail in ('init', 'sidecar')
    group by delivery_id
),
timed as (
    select
        limits.*, milestones.* exclude (delivery_id, kind, uid), sightings.* exclude (delivery_id), looks.looked_at,
        -- When the log first shows it, it may have been delivered long before.
        not coalesce(looks.is_fresh, true) as is_begun,
        -- Who would tell of it, and is not in the log for a while: its kubelet, or before it has one anybody.
        coalesce(
            case
                when milestones.bound is not null
                    then list_filter(unheard.own_gaps, lambda gap: gap.to_at > milestones.bound.at - to_microseconds((milestones.bound.uncertainty_ms * 1000)::bigint))
                else unheard.any_gaps
            end,
            []
        ) as gaps,
        coalesce(unheard.scheduling_gaps, []) as scheduling_gaps, unheard.seen_at, unheard.unready_since_at, unheard.unready_seen_at,
        -- What of it was the platform's time before that look, nobody knows.
        coalesce(looks.looked_at > limits.started_at + interval 10 second and not looks.is_unscheduled, false) as is_late_look,
        limits.base_limit_s + case
            when limits.init_container_count > 0 and milestones.initialized.at <= limits.started_at + to_seconds(limits.base_limit_s) and init_pulls.pulled_at < milestones.initialized.at
                then seconds_between(init_pulls.pulled_at, milestones.initialized.at)
            else 0
        end as wall_limit_s,
        -- A run-to-completion pod is delivered when all its containers have started, any other when it is Ready.
        case when coalesce(limits.is_job, false) then milestones.containers_started else milestones.ready end as arrival,
    from limits
    left join _milestones as milestones using (delivery_id)
    left join init_pulls using (delivery_id)
    left join _sightings as sightings using (delivery_id)
    left join _first_looks as looks using (delivery_id)
    left join _unheard as unheard using (delivery_id)
),
-- What happens after a delete was asked for, or after the tracking window, delivers nothing; nor does a late sign of what may have been before.
arrived as (
    select
        *,
        started_at + to_microseconds((wall_limit_s * 1e6)::bigint) as wall_deadline_at,
        len(list_filter(gaps, lambda gap: gap.from_at < wall_deadline_at)) > 0 as is_broken_off,
        arrival.at < coalesce(deleted.at, 'infinity') and arrival.at <= window_end_at and (not (is_begun or is_broken_off) or arrival.at <= wall_deadline_at) as is_delivery,
        case when is_delivery then arrival.at end as delivered_at,
        case when is_delivery then arrival.at - to_microseconds((arrival.uncertainty_ms * 1000)::bigint) end as delivered_from_at,
    from timed
),
-- A pod that fails in the same write that shows its containers started has been delivered first.
ended as (
    select
        *,
        case when failed.at < coalesce(deleted.at, 'infinity') and failed.at <= window_end_at and (delivered_at is null or failed.at < delivered_at) then failed.at end as failed_at,
        case when deleted.at <= window_end_at and delivered_at is null then deleted.at end as killed_at,
    from arrived
),
-- An excerpt of a log shows that a pod is late by what went wrong with it, never by its silence.
troubled as (
    select distinct delivery_id from _evidence where stage <> 'delete'
),
-- Nobody in the log would have told of it before it ended, and nothing that is seen later shows that it was not.
heard as (
    select
        *,
        list_filter(gaps, lambda gap: gap.from_at < least(coalesce(failed_at, 'infinity'), coalesce(killed_at, 'infinity'), wall_deadline_at, window_end_at)) as deaf,
        least(coalesce(failed_at, 'infinity'), coalesce(killed_at, 'infinity'), wall_deadline_at, window_end_at, list_max(list_transform(deaf, lambda gap: gap.to_at))) as proof_at,
        delivered_at is null and len(deaf) > 0
            and not case
                when bound is null then coalesce(seen_at >= least(coalesce(failed_at, 'infinity'), coalesce(killed_at, 'infinity'), wall_deadline_at, window_end_at), false)
                -- The status of containers tells when they started, the condition since when it holds.
                when coalesce(is_job, false) then coalesce(seen_at >= proof_at, false)
                else coalesce(unready_seen_at >= proof_at and unready_since_at <= list_min(list_transform(deaf, lambda gap: gap.from_at)) + interval 1 second, false)
            end as is_unheard,
    from ended
),
walled as (
    select
        * replace (
            is_state_unseen or is_unheard or coalesce(len(list_filter(gaps, lambda gap: gap.from_at < delivered_at + interval 1 minute and gap.to_at > delivered_at)) > 0, false) as is_state_unseen,
            is_late_look or is_unheard
                or (delivered_at is null and bound is null and len(list_filter(scheduling_gaps, lambda gap: gap.from_at < least(coalesce(killed_at, 'infinity'), wall_deadline_at))) > 0)
                or coalesce(len(list_filter(gaps, lambda gap: gap.from_at < delivered_at)) > 0, false) as is_late_look
        ),
        -- Whether it was delivered, the log does not hold; but nobody starts a pod that is not bound.
        (is_state_unseen and delivered_at is null and failed_at is null and not (bound is null and shows_bindings and container_names is not null)) or (is_begun and delivered_at is null) or is_unheard
            or (is_excerpt and delivered_at is null and failed_at is null and coalesce(killed_at > wall_deadline_at, true) and troubled.delivery_id is null) as is_undecidable,
        least(coalesce(delivered_at, 'infinity'), coalesce(failed_at, 'infinity'), coalesce(killed_at, 'infinity'), least(wall_deadline_at, window_end_at)) as wall_end_at,
        coalesce(delivered_at, least(coalesce(failed_at, 'infinity'), coalesce(killed_at, 'infinity'), window_end_at, watermark_at)) as judged_until_at,
    from heard
    left join troubled using (delivery_id)
),
first_changes as (
    select delivery_id, min("at") as changed_at
    from _tracked_facts
    where operation in ('image:changed', 'resources:changed')
    group by delivery_id
),
-- What breaks a delivery: an exit, a kill by a probe or a hook, an eviction by the kubelet.
breaks as (
    select delivery_id, subject, "at", lower_at
    from _tracked_facts
    where operation = 'container:terminated' and code <> 0 and (detail is null or detail = 'sidecar') and not is_replaced
    union all
    select facts.delivery_id, facts.subject, facts.at, facts.lower_at
    from _tracked_facts as facts
    inner join _tracked_pods as pods using (delivery_id)
    where facts.operation = 'container:terminated' and facts.code = 0 and facts.detail is null and not coalesce(pods.is_job, false)
    union all
    select delivery_id, subject, "at", lower_at
    from _evidence
    where operation = 'event:Killing' or (operation = 'pod:phase:Failed' and error_code = 'Evicted')
),
-- Until when a break counts: never after a delete was asked for, nor after a change of image or resources.
settling as (
    select
        walled.delivery_id, walled.delivered_from_at,
        walled.delivered_at + to_seconds(settings.settle_s) as settled_at,
        least(coalesce(walled.deleted.at, 'infinity'), coalesce(first_changes.changed_at, 'infinity')) as interrupted_at,
    from walled
    cross join delivery_settings as settings
    left join first_changes using (delivery_id)
    where walled.delivered_at is not null
),
broken as (
    select settling.delivery_id, min(breaks.at) as broken_at
    from settling
    inner join breaks using (delivery_id)
    where breaks.at > settling.delivered_from_at and breaks.lower_at <= settling.settled_at and breaks.at < settling.interrupted_at
    group by settling.delivery_id
)
select
    walled.* exclude (wall_end_at, arrival, gaps, deaf, proof_at, is_broken_off, scheduling_gaps, seen_at, unready_since_at, unready_seen_at),
    broken.broken_at,
    verdict_at(wall_end_at, watermark_at, delivered_at, killed_at, is_undecidable) as wall_verdict,
    case when wall_end_at <= watermark_at then wall_end_at end as wall_decided_at,
    least(coalesce(delivered_at + to_seconds(settings.settle_s), 'infinity'), coalesce(deleted.at, 'infinity'), coalesce(failed_at, 'infinity'), window_end_at, watermark_at) as evidence_until_at,
    case
        when delivered_at is null then null
        when broken.broken_at is not null then false
        when is_state_unseen then null
        when least(delivered_at + to_seconds(settings.settle_s), coalesce(deleted.at, 'infinity')) <= watermark_at then true
    end as settled,
from walled
cross join delivery_settings as settings
left join broken using (delivery_id)
