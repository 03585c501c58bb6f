-- One row per tracked upgrade: when every changed container ran what it should and was ready again, whether it held, and until when it is judged.
-- inputs: _tracked_pods, _tracked_facts, _milestones, _upgraded_containers, _evidence, _sightings, _unheard, objective_limits, delivery_settings
with limits as (
    select kind, namespace, workload_kind, max(limit_s) as limit_s from objective_limits where objective = 'wall' group by all
),
containers as (
    select
        delivery_id,
        count(*) = count(done) as is_done, list(container order by container) as changed_containers,
        arg_max(done, (done.at, done.lower_at)) as done,
        case when count(*) filter (is_rerun) = count(started) filter (is_rerun) then arg_max(started, (started.at, started.lower_at)) filter (is_rerun) end as started,
        bool_or(coalesce(is_rerun, false)) as is_rerun,
    from _upgraded_containers
    group by delivery_id
),
-- The first that the kubelet does about it; that it has put a resize off is no start of it.
acknowledged as (
    select delivery_id, min("at") as "at", arg_min(lower_at, ("at", lower_at)) as lower_at, arg_min(at_source, ("at", lower_at, at_source)) as source
    from _tracked_facts
    where delivery_kind = 'pod_upgrade'
        and (
            operation in (
                'event:Killing', 'event:Pulling', 'event:Pulled', 'event:Created', 'event:Started', 'event:ResizeStarted', 'event:ResizeCompleted',
                'condition:PodResizeInProgress:true', 'resources:actuated', 'pod:resized', 'container:running', 'container:terminated'
            )
            or (operation = 'container:waiting' and not is_replaced)
        )
    group by delivery_id
),
timed as (
    select
        pods.* exclude (container_names, init_container_names, sidecar_names), containers.changed_containers,
        -- The stages of the diagnosis look at the changed containers only.
        containers.changed_containers as container_names, []::varchar[] as init_container_names, []::varchar[] as sidecar_names,
        struct_pack("at" := pods.started_at, uncertainty_ms := 0.0, source := pods.started_source) as bound,
        case when acknowledged.at is not null then struct_pack("at" := greatest(acknowledged.at, pods.answered_at), uncertainty_ms := us_between(acknowledged.lower_at, acknowledged.at) / 1000.0, source := acknowledged.source) end as kubelet_ack,
        case when containers.is_rerun and containers.started is not null then struct_pack("at" := containers.started.at, uncertainty_ms := us_between(containers.started.lower_at, containers.started.at) / 1000.0, source := containers.started.source) end as containers_started,
        case when containers.is_done then struct_pack("at" := containers.done.at, uncertainty_ms := us_between(containers.done.lower_at, containers.done.at) / 1000.0, source := containers.done.source) end as ready,
        containers.is_rerun, milestones.deleted, milestones.gone, milestones.failed,
        coalesce(overrides.limit_s, of_workload.limit_s, limits.limit_s) as wall_limit_s,
        coalesce(sightings.is_state_unseen, false) as is_state_unseen, coalesce(sightings.lacks_events, false) as lacks_events,
        coalesce(unheard.own_gaps, []) as gaps,
    from _tracked_pods as pods
    inner join containers using (delivery_id)
    inner join limits on limits.kind = pods.kind and limits.namespace is null and limits.workload_kind is null
    left join limits as of_workload on of_workload.kind = pods.kind and of_workload.workload_kind = workload_kind_of(pods.kind, pods.owner_kind)
    left join limits as overrides on overrides.kind = pods.kind and overrides.namespace = pods.namespace
    left join acknowledged using (delivery_id)
    left join _milestones as milestones using (delivery_id)
    left join _sightings as sightings using (delivery_id)
    left join _unheard as unheard using (delivery_id)
),
-- A delete and another change of the same thing both end it.
arrived as (
    select
        *, kubelet_ack as sandbox_ready,
        least(coalesce(deleted.at, 'infinity'), coalesce(superseded_at, 'infinity')) as interrupted_at,
        started_at + to_microseconds((wall_limit_s * 1e6)::bigint) as wall_deadline_at,
        len(list_filter(gaps, lambda gap: gap.from_at < least(interrupted_at, wall_deadline_at))) > 0 as is_unheard,
    from timed
),
delivered as (
    select
        * replace (is_state_unseen or is_unheard as is_state_unseen),
        -- What shows too late while its kubelet was not heard may have been so in time.
        case when ready.at < interrupted_at and ready.at <= window_end_at and not (is_unheard and ready.at > wall_deadline_at) then ready.at end as delivered_at,
        case when ready.at < interrupted_at and ready.at <= window_end_at and not (is_unheard and ready.at > wall_deadline_at) then ready.at - to_microseconds((ready.uncertainty_ms * 1000)::bigint) end as delivered_from_at,
    from arrived
),
ended as (
    select
        *,
        case when failed.at < interrupted_at and failed.at <= window_end_at and (delivered_at is null or failed.at < delivered_at) then failed.at end as failed_at,
        case when interrupted_at <= window_end_at and delivered_at is null then interrupted_at end as killed_at,
    from delivered
),
walled as (
    select
        *,
        -- Whether it was delivered, the log does not hold.
        is_state_unseen and delivered_at is null and failed_at is null as is_undecidable,
        least(coalesce(delivered_at, 'infinity'), coalesce(failed_at, 'infinity'), coalesce(killed_at, 'infinity'), least(wall_deadline_at, window_end_at)) as wall_end_at,
        coalesce(delivered_at, least(coalesce(failed_at, 'infinity'), coalesce(killed_at, 'infinity'), window_end_at, watermark_at)) as judged_until_at,
    from ended
),
-- What breaks an upgrade: an exit of a changed container, a kill by a probe or a hook, an eviction by the kubelet.
breaks as (
    select facts.delivery_id, facts.at, facts.lower_at
    from _tracked_facts as facts
    inner join _tracked_pods as pods using (delivery_id)
    where facts.delivery_kind = 'pod_upgrade' and facts.operation = 'container:terminated' and not facts.is_replaced and (facts.code <> 0 or not coalesce(pods.is_job, false))
    union all
    select delivery_id, "at", lower_at
    from _evidence
    where delivery_kind = 'pod_upgrade' and (operation = 'event:Killing' or (operation = 'pod:phase:Failed' and error_code = 'Evicted'))
),
broken as (
    select walled.delivery_id, min(breaks.at) as broken_at
    from walled
    cross join delivery_settings as settings
    inner join breaks using (delivery_id)
    where breaks.at > walled.delivered_from_at and breaks.lower_at <= walled.delivered_at + to_seconds(settings.settle_s) and breaks.at < walled.interrupted_at
    group by walled.delivery_id
)
select
    walled.* exclude (wall_end_at, gaps),
    broken.broken_at,
    verdict_at(wall_end_at, watermark_at, delivered_at, killed_at, is_undecidable) as wall_verdict,
    case when wall_end_at <= watermark_at then wall_end_at end as wall_decided_at,
    least(coalesce(delivered_at + to_seconds(settings.settle_s), 'infinity'), interrupted_at, coalesce(failed_at, 'infinity'), window_end_at, watermark_at) as evidence_until_at,
    case
        when delivered_at is null then null
        when broken.broken_at is not null then false
        when is_state_unseen then null
        when least(delivered_at + to_seconds(settings.settle_s), interrupted_at) <= watermark_at then true
    end as settled,
from walled
cross join delivery_settings as settings
left join broken using (delivery_id)
