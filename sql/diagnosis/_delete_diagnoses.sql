-- One row per delete and moment: what still held the pod then.
-- inputs: _moments, _judged_deletes, _evidence, _phases, hyper_events[-24h, +24h]
with moments as (
    select moments.*, deletes.node, deletes.is_undecidable, deletes.released_at,
        deletes.is_running, moments.started_at + to_seconds(coalesce(deletes.asked_grace_s, deletes.grace_period_s, 30)) as grace_ends_at,
    from _moments as moments
    inner join _judged_deletes as deletes using (delivery_id)
),
newest as (
    select moments.delivery_id, moments.moment, arg_max(evidence, (evidence.at, evidence.operation, evidence.message, evidence.source_id, evidence.source_line)) as evidence
    from moments
    inner join _evidence as evidence on evidence.delivery_id = moments.delivery_id and evidence.stage = 'delete' and evidence.at between moments.started_at and moments.judged_at
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
-- What holds the object while the kubelet still stops its containers is not the finalizer.
finalizers as (
    select moments.delivery_id, moments.moment, array_to_string(list_sort(list_distinct(list(phases.subject))), ',') as names, bool_and(phases.owner = 'user') as are_users
    from moments
    inner join _phases as phases on phases.delivery_id = moments.delivery_id and phases.phase = 'finalizer' and (phases.status = 'open' or phases.ended_at > moments.judged_at)
    group by moments.delivery_id, moments.moment
),
-- Its own grace period is the user's.
graced as (
    select distinct moments.delivery_id, moments.moment
    from moments
    inner join _phases as phases on phases.delivery_id = moments.delivery_id and phases.phase = 'container_stop' and phases.owner = 'user' and phases.started_at <= moments.judged_at and phases.ended_at >= moments.judged_at
    where coalesce(moments.released_at > moments.judged_at, true)
),
held as (
    select moments.delivery_id, moments.moment, max(phases.phase) as phase
    from moments
    inner join _phases as phases on phases.delivery_id = moments.delivery_id and phases.phase = 'container_stop' and phases.owner = 'platform' and phases.started_at <= moments.judged_at and phases.ended_at >= moments.judged_at
    where coalesce(moments.released_at > moments.judged_at, true)
    group by moments.delivery_id, moments.moment
)
select
    moments.delivery_id, moments.kind, moments.started_at, moments.moment, moments.verdict, moments.judged_at, null as frontier, 'delete' as stage,
    moments.verdict = 'FAIL' and held.phase is null and (graced.delivery_id is not null or (moments.is_running and moments.grace_ends_at >= moments.judged_at)) as is_within_grace,
    case
        when moments.is_undecidable then 'NoEvidence'
        when unreachable.delivery_id is not null then 'NodeUnreachable'
        when finalizers.names is not null and held.phase is null then 'FinalizerStuck'
        when newest.evidence.error_code is not null then newest.evidence.error_code
        when held.phase is not null or ((moments.is_running or graced.delivery_id is not null) and moments.verdict = 'FAIL') then 'GracePeriodOverrun'
        when moments.verdict = 'FAIL' then 'CleanupTooMuchTime'
    end as error_code,
    case
        when moments.is_undecidable then 'pod_status'
        when unreachable.delivery_id is not null then moments.node
        when finalizers.names is not null and held.phase is null then finalizers.names
        when newest.evidence.error_code is not null then newest.evidence.error_detail
        when is_within_grace then 'WithinGrace'
    end as error_detail,
    -- The user's own finalizers are the user's matter: a rule of phases says which those are.
    case when unreachable.delivery_id is null and finalizers.names is not null and held.phase is null and finalizers.are_users and not moments.is_undecidable then 'user' when error_detail = 'WithinGrace' then 'user' end as fault, newest.evidence.actor as component, newest.evidence.message as message, newest.evidence.diagnosis_rule as rule, null as runner_up,
    newest.evidence.operation as evidence_operation, newest.evidence.subject as evidence_subject, newest.evidence.at as evidence_at, null::bigint as evidence_count,
    newest.evidence.source_id as source_id, newest.evidence.source_line as source_line,
from moments
left join newest using (delivery_id, moment)
left join unreachable using (delivery_id, moment)
left join held using (delivery_id, moment)
left join graced using (delivery_id, moment)
left join finalizers using (delivery_id, moment)
