-- One row per HyperEvent of a tracked pod or claim that is evidence of an error code.
-- inputs: _tracked_facts, _tracked_pods, _claim_facts, _tracked_claims, _node_states, _node_losses, hyper_events[-24h, +24h], diagnosis_yields, error_codes
-- Nodes that took no pods because they were not ready, at each moment at which a scheduler named no taints; cordoned ones it counts apart, and daemons tolerate it.
with not_ready as (
    select asked.at, count(distinct states.node) as nodes
    from (select distinct "at" from _tracked_facts where regexp_matches(message, 'had untolerated taint\(s\)')) as asked
    inner join _node_states as states on states.at <= asked.at and states.until_at > asked.at
    where
        states.operation in ('node:condition:Ready:false', 'node:condition:Ready:unknown')
        and not exists (from hyper_events as cordons where cordons.operation = 'node:cordoned' and cordons.name = states.node and cordons.at <= asked.at and cordons.last_at >= asked.at)
    group by asked.at
),
facts as not materialized (
    -- What becomes of a debugger's container says nothing about its pod.
    select * from _tracked_facts where not is_replaced and not (detail is not distinct from 'ephemeral' and (operation like 'container:%' or operation like 'event:%'))
    union all by name
    select * from _claim_facts where operation <> 'pvc:node_selected'
    union all by name
    -- A scheduler that waits for a volume to be made says nothing for ten minutes, but to the claim; who makes it may.
    select waited.* replace (pods.delivery_id as delivery_id, pods.kind as delivery_kind, pods.started_at as started_at), bindings.at as volume_bound_at
    from _claim_facts as waited
    inner join _tracked_claims as claims using (delivery_id)
    inner join _tracked_pods as pods on pods.uid = claims.consumer_uid and pods.kind = 'pod_create' and claims.waits_for_consumer
    left join (select delivery_id, min("at") as "at" from _claim_facts where operation = 'pvc:bound' group by delivery_id) as bindings on bindings.delivery_id = claims.delivery_id
    where waited.operation in ('event:ProvisioningFailed', 'event:ExternalProvisioning', 'event:Provisioning', 'pvc:node_selected')
    union all by name
    -- A node that is lost while one of its pods is being delivered is a fact about that pod.
    select * exclude (node, until_at, surely_until_at) from _node_losses where delivery_kind in ('pod_create', 'pod_upgrade')
),
shapes as (
    select distinct operation, subject, detail, reason, message, code, actor from facts
),
ruled as (
    select *, diagnosis_rule(operation, subject, detail, reason, said(message), code, actor) as rule from shapes
),
coded as (
    select
        ruled.*, yields.error_code,
        case
            when yields.error_code = 'FailedScheduling' then scheduling_detail(said(ruled.message))
            else nullif(coalesce(diagnosis_extract(ruled.rule, said(ruled.message)), fill_template(yields.detail, ruled.subject, null, ruled.reason, ruled.code)), '')
        end as error_detail,
        coalesce(yields.fault, codes.fault) as fault,
        codes.stage, codes.tier, coalesce(codes.weight, 0) as weight,
    from ruled
    inner join diagnosis_yields as yields on yields.rule = ruled.rule
    inner join error_codes as codes on codes.error_code = yields.error_code
),
-- What a scheduler said of taints without naming them, with those named that were of nodes not ready then.
named_taints as (
    select told.at, told.message, scheduling_detail(name_taints(said(told.message), not_ready.nodes)) as error_detail
    from (select distinct "at", message from facts where contains(message, 'had untolerated taint(s)')) as told
    inner join not_ready on not_ready.at = told.at
),
detailed as (
    select
        facts.*, coded.rule as diagnosis_rule, coded.error_code, coalesce(named_taints.error_detail, coded.error_detail) as error_detail, coded.fault as code_fault, coded.stage, coded.tier, coded.weight,
    from (from facts semi join (select distinct operation from coded) as telling using (operation)) as facts
    inner join coded
        on facts.operation = coded.operation and facts.subject is not distinct from coded.subject and facts.detail is not distinct from coded.detail
        and facts.reason is not distinct from coded.reason and facts.message is not distinct from coded.message
        and facts.code is not distinct from coded.code and facts.actor is not distinct from coded.actor
    left join (select delivery_id from _tracked_pods where is_daemon) as daemons on daemons.delivery_id = facts.delivery_id
    left join named_taints on named_taints.at = facts.at and named_taints.message = facts.message and coded.error_code = 'FailedScheduling' and daemons.delivery_id is null
)
select
    * exclude (code_fault),
    case
        when error_code <> 'FailedScheduling' then code_fault
        when list_has_all(['NodeSelectorMismatch', 'PVCNotFound', 'VolumeNodeAffinity'], string_split(error_detail, ',')) then 'user'
        -- Of the nodes that the pod could have gone to, most are not ready.
        when list_filter(string_split(error_detail, ','), lambda word: not list_contains(['NodeSelectorMismatch', 'PVCNotFound', 'VolumeNodeAffinity'], word))[1] = 'NodeNotReady' then 'platform'
        else code_fault
    end as fault,
    -- A mount that fails when its container is created belongs to that container's stage, and a volume that is not made to the scheduling that waits for it.
    case when delivery_kind = 'pod_create' and starts_with(diagnosis_rule, 'provisioner_') then 2 when stage = 'volume' and operation in ('event:Failed', 'container:waiting') then 7 else case stage when 'admit' then 1 when 'schedule' then 2 when 'node' then 3 when 'volume' then 4 when 'sandbox' then 5 when 'image' then 6 when 'container' then 7 when 'readiness' then 8 else 9 end end as stage_rank,
from detailed
