-- One row per claim and moment: what kept it unbound.
-- inputs: _moments, _judged_claims, _evidence, _claim_facts
with moments as (
    select moments.*, claims.waits_for_consumer, claims.node, claims.is_undecidable, claims.lacks_events
    from _moments as moments
    inner join _judged_claims as claims using (delivery_id)
    where moments.verdict <> 'SUCCESS'
),
ranked as (
    select
        moments.moment, evidence.*,
        count(*) over (partition by moments.delivery_id, moments.moment, evidence.error_code) as evidence_count,
        -- A provisioner that says what is wrong knows more than one that was asked and says nothing; the newest word counts.
        row_number() over (
            partition by moments.delivery_id, moments.moment
            order by evidence.weight + (evidence.diagnosis_rule = 'provisioner_asked')::int, evidence.stage <> 'volume', -epoch_us(evidence.at), evidence.operation, evidence.error_detail, evidence.message, evidence.count, evidence.source_id, evidence.source_line
        ) as place,
    from moments
    inner join _evidence as evidence on evidence.delivery_id = moments.delivery_id and evidence.at <= moments.judged_at
    -- That its consumer waits for the claim is no reason why the claim waits.
    where evidence.error_code <> 'FailedScheduling' or evidence.error_detail is distinct from 'UnboundPVC'
),
runners_up as (
    select decisive.delivery_id, decisive.moment, arg_min(ranked.error_code, ranked.place) as runner_up
    from (from ranked where place = 1) as decisive
    inner join ranked using (delivery_id, moment)
    where ranked.error_code <> decisive.error_code
    group by decisive.delivery_id, decisive.moment
),
gaps as (
    select delivery_id, moment, arg_max(operation_before || ' to ' || operation, (us_between(at_before, "at"), operation_before, operation)) as longest
    from (
        select
            moments.delivery_id, moments.moment, facts.operation, facts.at as "at", lag(facts.at) over by_time as at_before, lag(facts.operation) over by_time as operation_before,
        from moments
        inner join _claim_facts as facts on facts.delivery_id = moments.delivery_id and facts.at <= moments.judged_at
        window by_time as (partition by moments.delivery_id, moments.moment order by facts.at, facts.operation, facts.subject, facts.reason, facts.message)
    )
    where at_before is not null
    group by delivery_id, moment
)
select
    moments.delivery_id, moments.kind, moments.started_at, moments.moment, moments.verdict, moments.judged_at, null as frontier, decisive.stage,
    case
        -- Whether what was said then still held, the log does not show.
        when moments.is_undecidable then 'NoEvidence'
        when decisive.error_code is not null then decisive.error_code
        when moments.verdict = 'KILL' then 'DeletedBeforeReady'
        when moments.verdict <> 'FAIL' then null
        -- The pod that it waits for was never given a node, and nobody said why.
        when moments.waits_for_consumer and moments.node is null then 'ScheduleDelay'
        -- What keeps a claim from being bound, Events alone tell.
        when moments.lacks_events then 'NoEvidence'
        else 'Unknown'
    end as error_code,
    case when moments.is_undecidable then 'pvcs' when decisive.error_code is not null then decisive.error_detail when moments.verdict = 'FAIL' then if(moments.lacks_events and (not moments.waits_for_consumer or moments.node is not null), 'events', gaps.longest) end as error_detail,
    decisive.fault, decisive.actor as component, decisive.message, decisive.diagnosis_rule as rule, runners_up.runner_up,
    decisive.operation as evidence_operation, decisive.subject as evidence_subject, decisive.at as evidence_at, decisive.evidence_count, decisive.source_id, decisive.source_line,
from moments
left join ranked as decisive on decisive.delivery_id = moments.delivery_id and decisive.moment = moments.moment and decisive.place = 1 and not moments.is_undecidable
left join runners_up on runners_up.delivery_id = moments.delivery_id and runners_up.moment = moments.moment
left join gaps on gaps.delivery_id = moments.delivery_id and gaps.moment = moments.moment
