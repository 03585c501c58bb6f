-- One row per delete and moment: what still held the pod then.
-- inputs: _moments, _judged_deletes, _tracked_facts, _evidence, _phases, _container_ends, hyper_events[-24h, +24h]
with moments as (
    select
        moments.*,
        -- Those of the newest version, and those that were removed only after the moment.
        list_sort(list_distinct(coalesce(deletes.finalizers, []) || coalesce(
            (select list(facts.subject) from _tracked_facts as facts where facts.delivery_id = moments.delivery_id and facts.operation = 'finalizer:removed' and facts.at > moments.judged_at), []
        ))) as finalizers,
        deletes.grace_period_s, deletes.container_names, deletes.node
    from _moments as moments
    inner join _judged_deletes as deletes using (delivery_id)
),
newest as (
    select moments.delivery_id, moments.moment, arg_max(evidence, (evidence.at, evidence.operation, evidence.message, evidence.source_id, evidence.source_line)) as evidence
    from moments
    inner join _evidence as evidence on evidence.delivery_id = moments.delivery_id and evidence.stage = 'delete' and evidence.at between moments.started_at and moments.judged_at
    group by moments.delivery_id, moments.moment
),
stopped as (
    select moments.delivery_id, moments.moment, count(distinct ends.container) as containers
    from moments
    left join _container_ends as ends on ends.delivery_id = moments.delivery_id and ends.at <= moments.judged_at and ends.role is null
    group by moments.delivery_id, moments.moment
),
nodes as (
    select name as node, "at", operation, lead("at") over (partition by name order by "at") as until_at
    from hyper_events
    where operation like 'node:condition:Ready:%'
),
unreachable as (
    select distinct moments.delivery_id, moments.moment
    from moments
    inner join nodes on nodes.node = moments.node and nodes.operation <> 'node:condition:Ready:true' and nodes.at <= moments.judged_at and coalesce(nodes.until_at, 'infinity') > moments.judged_at
),
held as (
    select moments.delivery_id, moments.moment, max(phases.phase) as phase
    from moments
    inner join _phases as phases on phases.delivery_id = moments.delivery_id and phases.phase = 'container_stop' and phases.owner = 'platform' and phases.started_at <= moments.judged_at and phases.ended_at >= moments.judged_at
    group by moments.delivery_id, moments.moment
)
select
    moments.delivery_id, moments.kind, moments.started_at, moments.moment, moments.verdict, moments.judged_at, null as frontier, 'delete' as stage,
    case
        when unreachable.delivery_id is not null then 'NodeUnreachable'
        when len(coalesce(moments.finalizers, [])) > 0 then 'FinalizerStuck'
        when newest.evidence.error_code is not null then newest.evidence.error_code
        when held.phase is not null then 'GracePeriodOverrun'
        when moments.verdict = 'FAIL' then 'CleanupTooMuchTime'
    end as error_code,
    case
        when unreachable.delivery_id is not null then moments.node
        when len(coalesce(moments.finalizers, [])) > 0 then array_to_string(moments.finalizers, ',')
        else newest.evidence.error_detail
    end as error_detail,
    null as fault, newest.evidence.actor as component, newest.evidence.message as message, newest.evidence.diagnosis_rule as rule, null as runner_up,
    newest.evidence.operation as evidence_operation, newest.evidence.subject as evidence_subject, newest.evidence.at as evidence_at, null::bigint as evidence_count,
    newest.evidence.source_id as source_id, newest.evidence.source_line as source_line,
from moments
left join newest using (delivery_id, moment)
left join unreachable using (delivery_id, moment)
left join held using (delivery_id, moment)
