-- One row per claim and moment at which one of its phases may start or end.
-- inputs: _judged_claims, _claim_facts
with steps as (
    select
        delivery_id,
        min("at") filter (operation = 'pvc:node_selected') as selected_at,
        min("at") filter (operation in ('event:ExternalProvisioning', 'event:Provisioning', 'event:ProvisioningFailed')) as asked_at,
        min("at") filter (operation = 'event:ProvisioningSucceeded') as provisioned_at,
    from _claim_facts
    where "at" >= started_at
    group by delivery_id
)
select claims.delivery_id, claims.kind, unnest([
    {'anchor': 'created', 'at': case when is_started_by_create and not left_censored then started_at end, 'uncertainty_ms': 0.0},
    {'anchor': 'answered', 'at': case when is_started_by_create and not left_censored then started_at + to_microseconds((started_uncertainty_ms * 1000)::bigint) end, 'uncertainty_ms': 0.0},
    -- A claim that the scheduler binds to a volume which is there names no node: then scheduling and binding are one.
    {'anchor': 'consumer_came', 'at': case when waits_for_consumer and (steps.selected_at is not null or bound is null) then started_at end, 'uncertainty_ms': 0.0},
    {'anchor': 'node_selected', 'at': case when waits_for_consumer then steps.selected_at end, 'uncertainty_ms': 0.0},
    {'anchor': 'provisioning', 'at': case when waits_for_consumer then coalesce(steps.selected_at, steps.asked_at) else steps.asked_at end, 'uncertainty_ms': 0.0},
    {'anchor': 'provisioned', 'at': steps.provisioned_at, 'uncertainty_ms': 0.0},
    -- Without a provisioner all of it is the search for a volume that fits.
    {'anchor': 'bind_started', 'at': case when steps.provisioned_at is not null then steps.provisioned_at when steps.asked_at is null and (bound is not null or not waits_for_consumer) then started_at + to_microseconds((started_uncertainty_ms * 1000)::bigint) end, 'uncertainty_ms': 0.0},
    {'anchor': 'bound', 'at': bound.at, 'uncertainty_ms': bound.uncertainty_ms}
]) as point
from _judged_claims as claims
left join steps using (delivery_id)
