-- One row per tracked delivery of a pod that a gap in the log touches: when its kubelet is not heard, when anybody is not, and what is seen of the pod all the same.
-- inputs: _tracked_pods, _tracked_facts, _holes, log_gaps[-24h, +24h], hyper_events[-24h, +24h]
with bindings as (
    select
        delivery_id, arg_min(subject, ("at", subject)) filter (operation = 'pod:bound') as node,
        min(lower_at) filter (rule = 'pod_binding' or operation = 'event:Scheduled') as bound_from_at,
    from _tracked_facts
    where (operation = 'pod:bound' and subject is not null) or operation = 'event:Scheduled'
    group by delivery_id
),
pods as (
    select pods.delivery_id, pods.uid, pods.started_at, pods.window_end_at, pods.watermark_at, coalesce(bindings.node, pods.node) as node,
        -- A kubelet has nothing to say of a pod before it is bound.
        case when pods.kind = 'pod_create' then greatest(pods.started_at, coalesce(bindings.bound_from_at - interval 1 second, pods.started_at)) else pods.started_at end as given_at,
    from _tracked_pods as pods
    left join bindings using (delivery_id)
),
-- Gaps of one node that meet are one, and so are those of the hours of one gap.
own as (
    select pods.delivery_id, list(struct_pack(from_at := gaps.from_at, to_at := gaps.to_at) order by gaps.from_at, gaps.to_at) as gaps
    from pods
    inner join log_gaps as gaps
        on (gaps.scope = 'log' or (gaps.scope = 'node' and gaps.scope_value = pods.node)) and gaps.to_at > pods.given_at and gaps.from_at < pods.window_end_at
    group by pods.delivery_id
),
anybodys as (
    select pods.delivery_id, list(struct_pack(from_at := holes.from_at, to_at := holes.to_at) order by holes.from_at) as gaps
    from pods
    inner join _holes as holes on holes.to_at > pods.started_at and holes.from_at < pods.window_end_at
    group by pods.delivery_id
),
scheduling as (
    select pods.delivery_id, list(struct_pack(from_at := gaps.from_at, to_at := gaps.to_at) order by gaps.from_at, gaps.to_at) as gaps
    from pods
    inner join log_gaps as gaps on gaps.scope in ('log', 'scheduler') and gaps.to_at > pods.started_at and gaps.from_at < pods.window_end_at
    group by pods.delivery_id
),
-- What its object shows, whoever wrote it.
seen as (
    select
        pods.delivery_id,
        max(facts.last_at) as seen_at,
        -- It is not ready since then, and was seen so until then.
        arg_max(struct_pack(since_at := facts.at - to_microseconds((facts.uncertainty_ms * 1000)::bigint), seen_at := facts.last_at), facts.last_at) filter (facts.operation in ('condition:Ready:false', 'condition:Ready:true')) as newest,
        list(struct_pack(since_at := facts.at - to_microseconds((facts.uncertainty_ms * 1000)::bigint), seen_at := facts.last_at)) filter (facts.operation = 'condition:Ready:false') as unready,
        arg_max(facts.operation, facts.last_at) filter (facts.operation in ('condition:Ready:false', 'condition:Ready:true')) = 'condition:Ready:false' as is_unready,
    from pods
    semi join anybodys using (delivery_id)
    inner join hyper_events as facts on facts.uid = pods.uid and facts.last_at <= pods.watermark_at
    where
        facts.kind = 'Pod' and facts.at <= pods.window_end_at
        -- Conditions that others add, to a pod that they know nothing else of, show nothing.
        and (
            facts.operation like 'condition:Ready:%' or facts.operation like 'condition:ContainersReady:%' or facts.operation like 'condition:PodScheduled:%'
            or facts.operation like 'container:%' or facts.operation like 'pod:phase:%' or facts.operation in ('pod:delete:seen', 'event:FailedScheduling')
        )
    group by pods.delivery_id
)
select
    pods.delivery_id, coalesce(own.gaps, []) as own_gaps, anybodys.gaps as any_gaps,
    -- Unready since before the first gap, and seen so until then.
    list_max(list_transform(list_filter(seen.unready, lambda stretch: stretch.since_at <= own.gaps[1].from_at + interval 1 second), lambda stretch: stretch.seen_at)) as unready_until_at,
    coalesce(scheduling.gaps, []) as scheduling_gaps,
    seen.seen_at, case when seen.is_unready then seen.newest.since_at end as unready_since_at, case when seen.is_unready then seen.newest.seen_at end as unready_seen_at,
from pods
inner join anybodys using (delivery_id)
left join own using (delivery_id)
left join scheduling using (delivery_id)
left join seen using (delivery_id)
