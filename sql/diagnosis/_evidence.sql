-- One row per HyperEvent of a tracked pod or claim that is evidence of an error code.
-- inputs: _tracked_facts, _tracked_pods, _claim_facts, hyper_events[-24h, +24h], diagnosis_yields, error_codes
with node_states as (
    select
        name as node, operation, "at", lower_at, subject, detail, reason, message, code, actor, count, source_id, source_line,
        coalesce(lead("at") over (partition by name order by "at", operation), 'infinity') as until_at,
    from (
        select *, "at" - to_microseconds((uncertainty_ms * 1000)::bigint) as lower_at from hyper_events where operation like 'node:condition:Ready:%' or operation = 'node:deleted'
    )
),
-- Nodes that took no pods because they were not ready, at each moment at which a scheduler named no taints; cordoned ones it counts apart, and daemons tolerate it.
not_ready as (
    select asked.at, count(distinct states.node) as nodes
    from (select distinct "at" from _tracked_facts where regexp_matches(message, 'had untolerated taint\(s\)')) as asked
    inner join node_states as states on states.at <= asked.at and states.until_at > asked.at
    where
        states.operation in ('node:condition:Ready:false', 'node:condition:Ready:unknown')
        and not exists (from hyper_events as cordons where cordons.operation = 'node:cordoned' and cordons.name = states.node and cordons.at <= asked.at and cordons.last_at >= asked.at)
    group by asked.at
),
bindings as (
    select delivery_id, min("at") as bound_at from _tracked_facts where operation = 'pod:bound' group by delivery_id
    union all
    select delivery_id, started_at from _tracked_pods where kind = 'pod_upgrade'
),
-- A node that is lost while one of its pods is being delivered is a fact about that pod, from its binding on.
node_losses as (
    select
        pods.delivery_id, pods.kind as delivery_kind, pods.started_at, greatest(states.at, bindings.bound_at) as "at", states.* exclude (node, until_at, "at"),
    from _tracked_pods as pods
    inner join bindings using (delivery_id)
    inner join node_states as states
        on states.node = pods.node and states.until_at > bindings.bound_at and states.at <= pods.window_end_at and states.at >= pods.started_at - interval 24 hour
    where pods.kind in ('pod_create', 'pod_upgrade') and states.operation <> 'node:condition:Ready:true'
),
facts as not materialized (
    select * from _tracked_facts where not is_replaced
    union all by name
    select * from _claim_facts
    union all by name
    select * from node_losses
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
    from facts
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
        when error_detail like '%NodeNotReady%' then 'platform'
        else code_fault
    end as fault,
    -- A mount that fails when its container is created belongs to that container's stage.
    case when stage = 'volume' and operation in ('event:Failed', 'container:waiting') then 7 else case stage when 'admit' then 1 when 'schedule' then 2 when 'node' then 3 when 'volume' then 4 when 'sandbox' then 5 when 'image' then 6 when 'container' then 7 when 'readiness' then 8 else 9 end end as stage_rank,
from detailed
