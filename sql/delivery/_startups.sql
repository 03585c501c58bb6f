-- One row per tracked create: when the API showed all containers started, what SIG-Scalability's start-up clock counts up to then, and whether the pod is one of its samples.
-- inputs: _judged_creates, _tracked_facts, _unheard, _container_starts, _phases, coverage[0h, +1h]
--
-- The clock runs from the create on, but for image pulls and init containers.
with first_shown as (
    select delivery_id, subject as container, min(observed_at) as shown_at
    from _tracked_facts
    where operation = 'container:running' and detail is null
    group by delivery_id, subject
),
shown as (
    select pods.delivery_id, max(shown_at) as shown_at
    from (select delivery_id, unnest(container_names) as container from _judged_creates) as pods
    left join first_shown using (delivery_id, container)
    group by pods.delivery_id
    having count(*) = count(shown_at)
),
-- Without Events nobody knows of image pulls, and without status writes nobody knows of starts: such hours have no samples.
told as (
    select hour_at
    from (select unnest([bucket_at, bucket_at - interval 1 hour]) as hour_at, fact from coverage where is_covered and fact in ('events', 'pod_status'))
    group by hour_at
    having count(distinct fact) = 2
),
-- Schedulable is a pod that finds its place at once, without preemption: nobody held it back, and no scheduler ever said that it has none.
unschedulable as (
    select distinct facts.delivery_id
    from _tracked_facts as facts
    inner join _judged_creates as creates using (delivery_id)
    where
        facts.at <= coalesce(creates.bound.at, 'infinity')
        and (
            facts.operation in ('pod:gated', 'pod:nominated')
            or (facts.operation = 'condition:PodScheduled:false' and facts.reason in ('Unschedulable', 'SchedulingGated'))
            or (facts.operation = 'event:FailedScheduling' and regexp_matches(facts.message, 'nodes are available|no nodes available'))
        )
),
-- A kubelet says of each container that its image is there before it creates it, and in a ready sandbox it begins to pull at once: where it seems not to,
-- the Event is lost, and nobody knows how long the pull took.
looked as (
    select delivery_id, subject as container, operation = 'event:Pulled' as has_image, min("at") as "at"
    from _tracked_facts
    where operation in ('event:Pulling', 'event:Pulled', 'event:Failed', 'event:BackOff', 'event:InspectFailed', 'event:ErrImageNeverPull')
    group by all
),
hidden_pulls as (
    select starts.delivery_id
    from _container_starts as starts
    anti join (from looked where has_image) as images using (delivery_id, container)
    where starts.role is distinct from 'ephemeral'
    union
    select creates.delivery_id
    from _judged_creates as creates
    anti join looked on looked.delivery_id = creates.delivery_id and looked.at <= creates.judged_until_at
    where creates.sandbox_ready.at < creates.judged_until_at - interval 1 second
),
creates as (
    select
        creates.delivery_id, creates.started_at, creates.watermark_at, creates.window_end_at, creates.namespace, creates.owner_kind,
        case when shown.shown_at < coalesce(deleted.at, 'infinity') and shown.shown_at <= window_end_at then shown.shown_at end as shown_at,
        case when failed.at < coalesce(deleted.at, 'infinity') and failed.at <= window_end_at then failed.at end as failed_at,
        case when deleted.at <= window_end_at then deleted.at end as killed_at,
        not coalesce(is_static, false) and not left_censored and not coalesce(stateful, true)
            and told.hour_at is not null and unschedulable.delivery_id is null
            -- Whether it started, or when that showed, the log does not hold.
            and not (shown.shown_at is null and creates.is_state_unseen) and not creates.is_late_look
            -- Nor what its scheduler said of it.
            and not exists (
                from _unheard as unheard
                where unheard.delivery_id = creates.delivery_id and len(list_filter(unheard.scheduling_gaps, lambda gap: gap.from_at < coalesce(creates.bound.at, creates.window_end_at))) > 0
                    -- One that has its node within a second or two was not held back.
                    and coalesce(creates.bound.at > creates.started_at + interval 2 second, true)
            ) as is_sample,
        exists (from hidden_pulls where hidden_pulls.delivery_id = creates.delivery_id) as hides_pulls,
    from _judged_creates as creates
    left join shown using (delivery_id)
    left join told on told.hour_at = hour_of(creates.started_at)
    left join unschedulable using (delivery_id)
),
ended as (
    select *, coalesce(shown_at, least(coalesce(failed_at, 'infinity'), coalesce(killed_at, 'infinity'), window_end_at, watermark_at)) as until_at
    from creates
),
-- What follows a failed pull is still pulling, as the kubelets count it: up to the next one, or to what the container did next. That ends a pull
-- too whose last Event is lost; if the first one is lost, the last tells how long it took.
pull_phases as (
    select
        delivery_id, subject, started_at, ended_at, status in ('open', 'error') as is_unfinished,
        case when started_at = ended_at then ended_at - to_microseconds(((coalesce(pull_s, 0) + coalesce(pull_wait_s, 0)) * 1e6)::bigint) else started_at end as from_at,
    from _phases
    where kind = 'pod_create' and phase = 'image_pull'
),
pulls as (
    select
        pulls.delivery_id, pulls.from_at,
        case when any_value(pulls.is_unfinished) then coalesce(min(facts.at), 'infinity') else max(pulls.ended_at) end as to_at,
    from pull_phases as pulls
    left join _tracked_facts as facts
        on pulls.is_unfinished and facts.delivery_id = pulls.delivery_id and facts.subject = pulls.subject and facts.at > pulls.started_at
        and facts.operation in ('event:Pulling', 'event:Pulled', 'event:Created', 'event:Started', 'container:running')
    group by pulls.delivery_id, pulls.subject, pulls.from_at
),
pauses as (
    select ended.delivery_id, greatest(spans.from_at, ended.started_at) as from_at, least(spans.to_at, ended.until_at) as to_at
    from (
        select delivery_id, from_at, to_at from pulls
        union all
        -- A sidecar's start is no init container's run: it goes on.
        select phases.delivery_id, phases.started_at, phases.ended_at
        from _phases as phases
        inner join _judged_creates as pods using (delivery_id)
        where phases.kind = 'pod_create' and phases.phase = 'init' and not coalesce(list_contains(pods.sidecar_names, phases.subject), false)
    ) as spans
    inner join ended using (delivery_id)
),
edges as (
    select delivery_id, from_at as edge_at, 1 as paused from pauses where from_at < to_at
    union all
    select delivery_id, to_at, -1 from pauses where from_at < to_at
    union all
    select delivery_id, unnest([started_at, until_at]), 0 from ended
),
merged as (
    select delivery_id, edge_at, sum(paused) as paused from edges group by delivery_id, edge_at
),
stretches as (
    select
        delivery_id, edge_at as from_at, lead(edge_at) over by_edge as to_at, sum(paused) over by_edge as paused,
    from merged
    window by_edge as (partition by delivery_id order by edge_at)
),
counted as (
    select delivery_id, from_at, to_at, us_between(from_at, to_at) as duration_us
    from stretches
    where paused = 0 and to_at > from_at
),
clocked as (
    select delivery_id, list(struct_pack(from_at, to_at, duration_us) order by from_at) as stretches, sum(duration_us)::bigint as counted_us
    from counted
    group by delivery_id
)
select ended.*, coalesce(clocked.stretches, []) as stretches, coalesce(clocked.counted_us, 0) as counted_us
from ended
left join clocked using (delivery_id)
