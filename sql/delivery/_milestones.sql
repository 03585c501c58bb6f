-- One row per tracked pod: each milestone's moment, how much earlier it may have been, and its source.
-- inputs: _tracked_pods, _tracked_facts, _container_starts, _removals, _sightings, _first_looks, _node_losses, _unheard
-- The delete that was asked for first: the request's own time, if it can be the one that the object remembers to the second.
with asked as (
    select
        delivery_id,
        case when coalesce(accepted_at < seen_at + interval 2 second, true) then coalesce(accepted_at, seen_at) else seen_at end as "at",
        case when coalesce(accepted_at < seen_at + interval 2 second, true) and accepted_at is not null then 'audit' else 'object' end as source,
    from (
        select delivery_id, min("at") filter (operation = 'pod:delete:accepted') as accepted_at, min(lower_at) filter (operation = 'pod:delete:seen') as seen_at
        -- A kubelet's own delete at the end is not what was asked for, unless nothing else tells of it.
        from (
            from _tracked_facts
            where operation in ('pod:delete:accepted', 'pod:delete:seen')
            qualify not coalesce("user" like 'system:node:%' and operation = 'pod:delete:accepted', false)
                or bool_and(coalesce("user" like 'system:node:%' and operation = 'pod:delete:accepted', false)) over (partition by delivery_id)
        )
        group by delivery_id
    )
),
-- How a pod came to be is told by the delivery that saw it from the start.
followed as (
    select distinct delivery_id from _tracked_facts where operation = 'pod:create:accepted'
),
restarts as (
    select delivery_id, min("at") as restarted_at from _tracked_facts where operation = 'container:restarted' group by delivery_id
),
silences as (
    select delivery_id, min("at") as silent_at from _node_losses where operation = 'node:condition:Ready:unknown' group by delivery_id
),
births as (
    select
        -- Where nobody logs the kubelet's writes, or the log begins after them or lacks them for a while, a condition is met long after: its own second is nearer.
        facts.* replace (
            if(
                facts.operation like 'condition:%'
                and (
                    sightings.lacks_status or looks.looked_at >= facts.observed_at
                    -- What somebody else shows first its kubelet has written before.
                    or (facts.user not like 'system:node:%' and facts.observed_at > facts.lower_at + interval 10 second and facts.operation in ('condition:Ready:true', 'condition:ContainersReady:true', 'condition:Initialized:true', 'condition:PodReadyToStartContainers:true'))
                    or len(list_filter(unheard.own_gaps, lambda gap: gap.from_at < facts.observed_at and gap.to_at > facts.lower_at)) > 0
                ),
                least(facts.at, facts.lower_at + interval 1 second),
                facts.at
            ) as "at",
            -- What comes and goes may have been so before, while nobody is heard.
            case
                when
                    facts.operation in ('condition:Ready:true', 'condition:ContainersReady:true') and coalesce(pods.has_readiness_wait or restarts.restarted_at is not null, false)
                    and len(list_filter(unheard.own_gaps, lambda gap: gap.from_at < facts.lower_at and gap.to_at > facts.lower_at)) > 0
                    then greatest(facts.started_at, list_filter(unheard.own_gaps, lambda gap: gap.from_at < facts.lower_at and gap.to_at > facts.lower_at)[1].from_at)
                -- Nor is a pod that is seen on its node bound just then.
                when facts.rule = 'pod_seen_bound' and len(unheard.scheduling_gaps) > 0 then facts.started_at
                else facts.lower_at
            end as lower_at
        ),
    from _tracked_facts as facts
    inner join _tracked_pods as pods using (delivery_id)
    inner join _sightings as sightings using (delivery_id)
    left join _first_looks as looks using (delivery_id)
    left join _unheard as unheard using (delivery_id)
    left join followed using (delivery_id)
    left join restarts using (delivery_id)
    left join silences using (delivery_id)
    where
        (facts.delivery_kind = 'pod_create' or followed.delivery_id is not null)
        -- But after a restart, or when its node has come back from silence, that second is not the first.
        and not (
            sightings.lacks_status and facts.operation in ('condition:Ready:true', 'condition:ContainersReady:true')
            and (coalesce(restarts.restarted_at <= facts.at, false) or coalesce(silences.silent_at <= facts.lower_at, false))
        )
        -- Nor need it be after a while that the log lacks, unless the pod is known to have been unready through it.
        and not coalesce(
            facts.operation in ('condition:Ready:true', 'condition:ContainersReady:true')
            and len(list_filter(unheard.own_gaps, lambda gap: gap.to_at <= facts.lower_at and gap.to_at > coalesce(unheard.unready_until_at, '-infinity'))) > 0,
            false
        )
),
candidates as (
    select delivery_id, 'bound' as milestone, "at", lower_at, at_source from births where operation = 'pod:bound'
    union all
    -- The scheduler says so once its binding was answered; where nothing else tells of the binding, that was within the second before.
    select delivery_id, 'bound', "at", case when bool_or(coalesce(rule = 'pod_binding', false)) over (partition by delivery_id) then lower_at else lower_at - interval 1 second end, at_source
    from (from births where operation in ('pod:bound', 'event:Scheduled'))
    qualify operation = 'event:Scheduled'
    union all
    -- The API server sets PodScheduled in the binding itself, so its second bounds it from above too.
    select delivery_id, 'bound', least("at", lower_at + interval 1 second), lower_at, at_source from births where operation = 'condition:PodScheduled:true'
    union all
    -- An Event, or a status that the log does not hold, need not be the kubelet's first sign: that may be any time since the binding.
    select delivery_id, 'acknowledged', "at", case when operation = 'pod:acknowledged' then lower_at end, at_source
    from births
    where operation = 'pod:acknowledged' or (operation like 'event:%' and actor = 'kubelet') or (operation = 'pod:status:unseen' and subject not in ('scheduler', 'controller'))
    union all
    select delivery_id, 'sandbox', least("at", lower_at + interval 1 second), lower_at, at_source from births where operation in ('condition:PodReadyToStartContainers:true', 'condition:PodHasNetwork:true')
    union all
    select delivery_id, 'sandbox', "at", started_at, at_source
    from births
    -- A kubelet turns to images and containers once it has the sandbox; what it waits for then names no sandbox.
    where (operation in ('event:Pulling', 'event:Pulled', 'event:Created', 'event:Started', 'container:running') or (operation = 'container:waiting' and reason not in ('ContainerCreating', 'PodInitializing'))) and detail is distinct from 'ephemeral'
    union all
    select delivery_id, 'initialized', "at", lower_at, at_source from births where operation = 'condition:Initialized:true'
    union all
    select delivery_id, 'containers_ready', "at", lower_at, at_source from births where operation = 'condition:ContainersReady:true'
    union all
    select delivery_id, 'ready', "at", lower_at, at_source from births where operation = 'condition:Ready:true'
    union all
    -- Without gates a pod is ready with its containers; what a node that was lost leaves behind keeps the second of these alone.
    select births.delivery_id, 'ready', births.at, births.lower_at, births.at_source
    from births
    inner join _tracked_pods as pods using (delivery_id)
    inner join _sightings as sightings using (delivery_id)
    where births.operation = 'condition:ContainersReady:true' and sightings.lacks_status and len(pods.readiness_gates) = 0
    union all
    select delivery_id, 'deleted', "at", "at", source from asked
    union all
    -- A kubelet's last delete whose answer the log does not hold removes nothing that a finalizer still holds.
    select facts.delivery_id, 'gone', facts.at, facts.lower_at, facts.at_source
    from _tracked_facts as facts
    inner join _tracked_pods as pods using (delivery_id)
    inner join _sightings as sightings using (delivery_id)
    left join _unheard as unheard using (delivery_id)
    where
        facts.operation = 'pod:deleted'
        -- Whether it was bound then, and so had to be stopped first, the log does not hold.
        and not (
            coalesce(facts.rule = 'pod_removed_by_request' and facts.user not like 'system:node:%', false)
            and coalesce(len(list_filter(unheard.scheduling_gaps, lambda gap: gap.from_at < facts.at)) > 0, false)
        )
        and not (coalesce(facts.rule = 'pod_removed_by_request', false) and not list_has_all(sightings.removed_finalizers, coalesce(pods.finalizers, [])))
    union all
    select delivery_id, 'gone', "at", lower_at, at_source from _removals
    union all
    select delivery_id, 'failed', "at", lower_at, at_source from _tracked_facts where operation = 'pod:phase:Failed'
    union all
    select delivery_id, 'succeeded', "at", lower_at, at_source from _tracked_facts where operation = 'pod:phase:Succeeded'
),
told as (
    select delivery_id, milestone, min(struct_pack("at", at_source)) as first, list(lower_at) filter (lower_at is not null) as lower_ats
    from candidates
    group by delivery_id, milestone
),
-- The narrowest interval that all sources allow.
narrowed as (
    select delivery_id, milestone, first.at as "at", list_max(list_filter(lower_ats, lambda lower_at: lower_at <= first.at)) as lower_at, first.at_source as source
    from told
),
points as (
    select delivery_id, milestone, struct_pack(at := "at", uncertainty_ms := case when milestone = 'deleted' and source = 'object' then 1000.0 when milestone <> 'acknowledged' or lower_at is not null then greatest(0, coalesce((epoch_us("at") - epoch_us(lower_at)) / 1000.0, 0)) end, source := source) as point
    from narrowed
),
-- A status tells of the last two starts: what had restarted twice before it was first seen had started earlier.
first_starts as (
    select delivery_id, container, min("at") as "at", if(bool_and(coalesce(runs >= 2, false)), null, arg_min(lower_at, ("at", lower_at))) as lower_at, arg_min(at_source, ("at", lower_at, at_source)) as source
    from _container_starts as starts
    left join _unheard as unheard using (delivery_id)
    group by delivery_id, container
    -- The first start may have been while nobody is heard.
    having not coalesce(
        min(unheard.own_gaps[1].from_at) < min(starts.at)
        and coalesce(arg_min(starts.runs, (starts.at, starts.lower_at)) filter (starts.runs is not null), 1) > 0,
        false
    )
),
all_started as (
    select
        pods.delivery_id,
        count(*) as containers, count(starts.container) as started,
        max(starts.at) as "at",
        struct_pack(at := max(starts.at), uncertainty_ms := (epoch_us(max(starts.at)) - epoch_us(arg_max(coalesce(starts.lower_at, pods.started_at), (starts.at, starts.lower_at)))) / 1000.0, source := arg_max(starts.source, (starts.at, starts.lower_at, starts.source))) as point,
    from (select delivery_id, started_at, unnest(container_names) as container from _tracked_pods) as pods
    left join first_starts as starts on starts.delivery_id = pods.delivery_id and starts.container = pods.container
    group by pods.delivery_id
),
nodes as (
    select
        delivery_id,
        -- A binding may have no body: then the kubelet that writes the pod's status says where it is.
        coalesce(
            arg_min(subject, ("at", subject)) filter (operation = 'pod:bound' and subject is not null),
            min(node) filter (operation = 'pod:status:unseen'), min(nullif(regexp_extract("user", '^system:node:(.+)$', 1), '')) filter (operation in ('pod:delete:accepted', 'pod:deleted'))
        ) as bound_node,
    from _tracked_facts
    where operation in ('pod:bound', 'pod:status:unseen', 'pod:delete:accepted', 'pod:deleted')
    group by delivery_id
),
wide as (
    select
        delivery_id,
        any_value(point) filter (milestone = 'bound') as bound,
        any_value(point) filter (milestone = 'acknowledged') as acknowledged,
        any_value(point) filter (milestone = 'sandbox') as sandbox_ready,
        any_value(point) filter (milestone = 'initialized') as initialized,
        any_value(point) filter (milestone = 'containers_ready') as containers_ready,
        any_value(point) filter (milestone = 'ready') as ready,
        any_value(point) filter (milestone = 'deleted') as deleted,
        any_value(point) filter (milestone = 'gone') as gone,
        any_value(point) filter (milestone = 'failed') as failed,
        any_value(point) filter (milestone = 'succeeded') as succeeded,
    from points
    group by delivery_id
)
select
    pods.delivery_id, pods.kind, pods.uid,
    -- A log without bindings: what the kubelet acts on has been bound, at some time since the start.
    coalesce(
        bound,
        case when acknowledged is not null then struct_pack(at := acknowledged.at, uncertainty_ms := greatest(0, coalesce(acknowledged.uncertainty_ms, 0), us_between(pods.started_at, acknowledged.at) / 1000.0), source := acknowledged.source) end
    ) as bound,
    -- The kubelet can act before the binding is answered.
    case when acknowledged is not null then struct_pack(
        at := greatest(acknowledged.at, coalesce(bound.at, acknowledged.at)),
        uncertainty_ms := coalesce(acknowledged.uncertainty_ms, coalesce(greatest(0, us_between(bound.at, acknowledged.at) / 1000.0) + bound.uncertainty_ms, greatest(0, us_between(pods.started_at, acknowledged.at) / 1000.0))),
        source := acknowledged.source
    ) end as kubelet_ack,
    sandbox_ready, initialized, containers_ready, ready, deleted, gone, failed, succeeded, bound_node,
    case
        when pods.kind <> 'pod_create' and followed.delivery_id is null then null
        when all_started.started = all_started.containers then all_started.point
        -- A log without container statuses: a pod that succeeded has started.
        when all_started.started is null or all_started.started = 0 then succeeded
    end as containers_started,
from _tracked_pods as pods
left join wide using (delivery_id)
left join all_started using (delivery_id)
left join nodes using (delivery_id)
left join followed using (delivery_id)
