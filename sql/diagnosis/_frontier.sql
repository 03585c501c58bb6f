-- One row per create or upgrade and moment: the last stage that was completed then, and when.
-- inputs: _moments, _judged_pods, _tracked_facts, _container_starts, _container_ends
with moments as (
    select moments.delivery_id, moments.moment, moments.judged_at, pods.* exclude (delivery_id, kind)
    from _moments as moments
    inner join _judged_pods as pods using (delivery_id)
),
containers as (
    select delivery_id, moment, judged_at, unnest(coalesce(init_container_names, []) || coalesce(sidecar_names, []) || coalesce(container_names, [])) as container
    from moments
),
-- A container has its image once it was pulled, found, created or started.
images as (
    select delivery_id, subject as container, min("at") as "at"
    from _tracked_facts
    where operation in ('event:Pulled', 'event:Created', 'event:Started', 'container:running', 'container:terminated') and not is_replaced
    group by delivery_id, subject
),
imaged as (
    select containers.delivery_id, containers.moment, count(*) = count(images.at) as is_complete, max(images.at) as completed_at
    from containers
    left join images on images.delivery_id = containers.delivery_id and images.container = containers.container and images.at <= containers.judged_at
    group by containers.delivery_id, containers.moment
),
regular as (
    select delivery_id, moment, judged_at, unnest(container_names) as container from moments
),
last_starts as (
    select regular.delivery_id, regular.moment, regular.container, regular.judged_at, max(starts.at) as started_at
    from regular
    left join _container_starts as starts on starts.delivery_id = regular.delivery_id and starts.container = regular.container and starts.at <= regular.judged_at
    group by all
),
-- A container that has ended takes its pod back to the stage `container`.
running as (
    select
        starts.delivery_id, starts.moment, starts.container, starts.started_at,
        bool_or(ends.lower_at >= starts.started_at - interval 1 second and ends.at >= starts.started_at) as has_ended,
    from last_starts as starts
    left join _container_ends as ends on ends.delivery_id = starts.delivery_id and ends.container = starts.container and ends.at <= starts.judged_at and not ends.is_replaced
    group by all
),
contained as (
    select delivery_id, moment, bool_and(started_at is not null and not coalesce(has_ended, false)) as is_complete, max(started_at) as completed_at
    from running
    group by delivery_id, moment
),
-- A sandbox that is lost and not yet replaced takes the pod back.
sandboxes as (
    select
        moments.delivery_id, moments.moment,
        max(facts.lower_at) filter (facts.operation in ('condition:PodReadyToStartContainers:false', 'event:SandboxChanged')) as lost_at,
        max(facts.at) filter (facts.operation not in ('condition:PodReadyToStartContainers:false', 'event:SandboxChanged')) as made_at,
    from moments
    inner join _tracked_facts as facts on facts.delivery_id = moments.delivery_id and facts.at <= moments.judged_at
    where facts.operation in ('condition:PodReadyToStartContainers:false', 'event:SandboxChanged', 'condition:PodReadyToStartContainers:true', 'event:Pulling', 'event:Pulled', 'event:Created', 'event:Started', 'container:running')
    group by moments.delivery_id, moments.moment
),
stages as (
    select
        moments.delivery_id, moments.moment, moments.judged_at,
        [
            {'stage': 'admit', 'stage_rank': 1, 'at': moments.started_at, 'is_complete': true},
            {'stage': 'schedule', 'stage_rank': 2, 'at': bound.at, 'is_complete': bound.at <= moments.judged_at},
            {'stage': 'node', 'stage_rank': 3, 'at': kubelet_ack.at, 'is_complete': kubelet_ack.at <= moments.judged_at},
            {'stage': 'sandbox', 'stage_rank': 5, 'at': sandbox_ready.at, 'is_complete': sandbox_ready.at <= moments.judged_at},
            {'stage': 'image', 'stage_rank': 6, 'at': imaged.completed_at, 'is_complete': imaged.is_complete},
            {'stage': 'container', 'stage_rank': 7, 'at': contained.completed_at, 'is_complete': contained.is_complete},
            {'stage': 'readiness', 'stage_rank': 8, 'at': ready.at, 'is_complete': contained.is_complete and ready.at <= moments.judged_at}
        ] as stages,
        coalesce(sandboxes.lost_at > sandboxes.made_at, false) as is_sandbox_lost,
    from moments
    left join imaged using (delivery_id, moment)
    left join contained using (delivery_id, moment)
    left join sandboxes using (delivery_id, moment)
)
select
    delivery_id, moment, judged_at,
    list_last(list_filter(stages, lambda s: coalesce(s.is_complete, false) and (s.stage_rank < 5 or not is_sandbox_lost))) as completed,
from stages
