-- One row per create that the log does not hold: what it shows of the pod when it first shows its state, and whether that proves what was before.
-- inputs: _tracked_pods, hyper_events[-24h, +24h]
with facts as (
    select
        pods.delivery_id, pods.started_at, coalesce(pods.is_job, false) as is_job, facts.operation, facts.detail, facts.at_source,
        coalesce(facts.observed_at, facts.at) as seen_at,
        facts.at - to_microseconds((facts.uncertainty_ms * 1000)::bigint) as lower_at,
        facts.operation like 'condition:%' or facts.operation like 'container:%' or facts.operation like 'pod:phase:%' or facts.operation = 'pod:acknowledged' as is_state,
    from _tracked_pods as pods
    inner join hyper_events as facts on facts.uid = pods.uid
    where pods.kind = 'pod_create' and pods.left_censored and facts.kind = 'Pod'
),
looks as (
    select
        delivery_id, any_value(started_at) as started_at, any_value(is_job) as is_job, min(seen_at) filter (is_state) as looked_at,
        -- Nobody could start it before it was bound.
        coalesce(min(seen_at) filter (operation = 'event:Scheduled' or (operation = 'pod:bound' and at_source = 'audit')) <= looked_at, false) as is_binding_seen,
    from facts
    group by delivery_id
    having looked_at is not null
),
shown as (
    select
        looks.*,
        min(facts.lower_at) filter (facts.operation = 'condition:Ready:false') as unready_from_at,
        min(facts.lower_at) filter (facts.operation = 'pod:acknowledged') as acknowledged_from_at,
        coalesce(bool_or(facts.operation = 'condition:PodScheduled:false'), false) as is_unscheduled,
        coalesce(bool_or(facts.operation in ('condition:PodScheduled:true', 'pod:phase:Pending')), false) as is_pending,
        coalesce(bool_or(facts.operation = 'container:waiting' and facts.detail is null), false) as is_waiting,
        coalesce(bool_or(facts.operation in ('container:running', 'container:terminated', 'container:restarted', 'container:ready') and facts.detail is null), false) as has_run,
        coalesce(bool_or(facts.operation = 'container:restarted' and facts.detail is null), false) as has_restarted,
    from looks
    inner join facts on facts.delivery_id = looks.delivery_id and facts.seen_at <= looks.looked_at
    group by all
)
select
    delivery_id, looked_at, is_unscheduled,
    -- Not delivered before, for sure: unbound, not yet the kubelet's, without a run of its containers, or unready ever since the kubelet has it. A job's first run tells its start itself.
    is_binding_seen or is_unscheduled or (is_waiting and not has_run) or (is_pending and acknowledged_from_at is null and not has_run) or (is_job and not has_restarted)
        or coalesce(unready_from_at <= coalesce(acknowledged_from_at, started_at) + interval 2 second, false) as is_fresh,
from shown
