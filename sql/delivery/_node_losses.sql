-- One row per delivery and stretch in which the node of its pod was not ready, silent or gone, from the pod's binding on.
-- inputs: _tracked_pods, _tracked_facts, _node_states
with bindings as (
    -- Where the binding itself is not in the log, the condition keeps its second.
    select delivery_id, min(if(operation = 'pod:bound', "at", least("at", lower_at + interval 1 second))) as bound_at
    from _tracked_facts
    where operation in ('pod:bound', 'condition:PodScheduled:true') and delivery_kind = 'pod_create'
    group by delivery_id
    union all
    select delivery_id, started_at from _tracked_pods where kind <> 'pod_create'
)
select pods.delivery_id, pods.kind as delivery_kind, pods.started_at, greatest(states.at, bindings.bound_at) as "at", states.* exclude ("at")
from _tracked_pods as pods
inner join bindings using (delivery_id)
inner join _node_states as states
    on states.node = pods.node and states.until_at > bindings.bound_at and states.at <= pods.window_end_at and states.at >= pods.started_at - interval 24 hour
where states.operation <> 'node:condition:Ready:true'
