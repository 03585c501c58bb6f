-- One row per moment at which a phase of an upgrade may start or end, beside those that its containers share with a creation.
-- inputs: _judged_upgrades, _upgraded_containers, _tracked_facts
with put_off as (
    select facts.delivery_id, greatest(min(facts.at), any_value(upgrades.answered_at)) as "at"
    from _tracked_facts as facts
    inner join _judged_upgrades as upgrades using (delivery_id)
    where facts.operation in ('condition:PodResizePending:true', 'event:ResizeDeferred', 'event:ResizeInfeasible')
    group by facts.delivery_id
),
pod_points as (
    select upgrades.delivery_id, unnest([
        {'anchor': 'created', 'at': case when not left_censored then started_at end, 'uncertainty_ms': 0.0},
        {'anchor': 'answered', 'at': answered_at, 'uncertainty_ms': 0.0},
        {'anchor': 'acknowledged', 'at': least(kubelet_ack.at, put_off.at), 'uncertainty_ms': kubelet_ack.uncertainty_ms},
        {'anchor': 'resize_put_off', 'at': put_off.at, 'uncertainty_ms': 0.0},
        {'anchor': 'resize_taken_up', 'at': case when put_off.at is not null then kubelet_ack.at end, 'uncertainty_ms': kubelet_ack.uncertainty_ms},
        {'anchor': 'report_started', 'at': case when not has_wait and containers_started is not null then least(containers_started.at, ready.at) end, 'uncertainty_ms': containers_started.uncertainty_ms},
        {'anchor': 'ready', 'at': ready.at, 'uncertainty_ms': ready.uncertainty_ms}
    ]) as point
    from (select *, coalesce(list_has_any(readiness_wait_containers, changed_containers), false) as has_wait from _judged_upgrades) as upgrades
    left join put_off using (delivery_id)
),
-- The old run stops from its Killing Event on, or from when the kubelet first does anything.
stops as (
    select
        ends.delivery_id, ends.subject, coalesce(min(killings.at), any_value(upgrades.answered_at)) as "at", coalesce(arg_min(killings.uncertainty_ms, (killings.at, killings.uncertainty_ms)), 0) as uncertainty_ms,
    from _tracked_facts as ends
    inner join _judged_upgrades as upgrades using (delivery_id)
    left join _tracked_facts as killings on killings.delivery_id = ends.delivery_id and killings.subject = ends.subject and killings.operation = 'event:Killing' and killings.lower_at <= ends.at
    where ends.operation = 'container:terminated' and ends.is_replaced
    group by ends.delivery_id, ends.subject
),
resizes as (
    select containers.delivery_id, containers.container as subject, unnest([
        {'anchor': 'resize_started', 'at': upgrades.kubelet_ack.at, 'uncertainty_ms': upgrades.kubelet_ack.uncertainty_ms},
        {'anchor': 'resize_ended', 'at': containers.resized.at, 'uncertainty_ms': us_between(containers.resized.lower_at, containers.resized.at) / 1000.0}
    ]) as point
    from _upgraded_containers as containers
    inner join _judged_upgrades as upgrades using (delivery_id)
    where containers.is_resources
)
select delivery_id, 'pod_upgrade' as kind, point.anchor as anchor, null::varchar as subject, point.at as "at", point.uncertainty_ms as uncertainty_ms, null as image, null as message, null as error_code, null as fault, null as source_id, null::bigint as source_line
from pod_points
where point.at is not null
union all
select delivery_id, 'pod_upgrade', 'stop_started', subject, "at", uncertainty_ms, null, null, null, null, null, null
from stops
union all
select delivery_id, 'pod_upgrade', point.anchor, subject, point.at, point.uncertainty_ms, null, null, null, null, null, null
from resizes
where point.at is not null
