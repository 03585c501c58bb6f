-- One row per delivery and moment that wants an explanation, with the decisive evidence and one line of advice.
-- grain: hour
-- inputs: _create_diagnoses, _delete_diagnoses, _claim_diagnoses, _refused_creates, _windows, error_codes, objective_limits, params
with diagnosed as (
    select * from _create_diagnoses where error_code is not null
    union all by name
    select * from _delete_diagnoses where error_code is not null
    union all by name
    select * from _claim_diagnoses where error_code is not null
    union all by name
    select
        delivery_id, kind, started_at, moment, 'FAIL' as verdict, started_at as judged_at, null as frontier, 'admit' as stage,
        error_code, error_detail, fault, component, message, rule, null as runner_up, evidence_operation, null as evidence_subject,
        started_at as evidence_at, attempts as evidence_count, source_id, source_line,
    from _refused_creates
    inner join (select distinct kind, unnest([objective, 'final']) as moment from objective_limits where objective <> 'sig_startup') as moments using (kind)
)
select
    params.cluster, diagnosed.delivery_id, diagnosed.kind, diagnosed.started_at as delivery_started_at, diagnosed.moment, diagnosed.judged_at, diagnosed.frontier,
    coalesce(diagnosed.stage, codes.stage) as stage, diagnosed.error_code, diagnosed.error_detail, coalesce(diagnosed.fault, codes.fault) as fault,
    diagnosed.component, diagnosed.message, codes.advice, diagnosed.rule, diagnosed.runner_up,
    diagnosed.evidence_operation, diagnosed.evidence_subject, diagnosed.evidence_at, diagnosed.evidence_count, diagnosed.source_id, diagnosed.source_line, windows._is_open, windows._reach_at,
from diagnosed
cross join params
left join _windows as windows on windows.delivery_id = diagnosed.delivery_id
left join error_codes as codes on codes.error_code = diagnosed.error_code
