-- One row per delivery and objective, judged exactly at its deadline, with the diagnosis of that moment.
-- grain: hour
-- inputs: _verdicts, _refused_creates, _windows, diagnoses, objective_limits, params
with judged as (
    select delivery_id, kind, started_at, objective, limit_s, spent_s, verdict, decided_at from _verdicts
    union all by name
    -- A namespace that is being deleted refuses creates: nobody's failure.
    select refused.delivery_id, refused.kind, refused.started_at, objectives.objective, null as limit_s, 0.0 as spent_s, 'FAIL' as verdict, refused.started_at as decided_at
    from _refused_creates as refused
    inner join (select distinct kind, objective from objective_limits where objective <> 'sig_startup') as objectives using (kind)
    where refused.error_code <> 'NamespaceTerminating'
)
select
    params.cluster, judged.delivery_id, judged.kind, judged.started_at as delivery_started_at, judged.objective, judged.limit_s, judged.spent_s,
    case
        when judged.verdict <> 'UNPROMISED' then judged.verdict
        when diagnoses.error_code is null or diagnoses.stage = 'slow' or diagnoses.error_code like '%TooMuchTime' then 'SUCCESS'
        else 'FAIL'
    end as verdict,
    judged.decided_at, diagnoses.error_code, diagnoses.error_detail, diagnoses.fault, windows._is_open, windows._reach_at,
from judged
cross join params
left join _windows as windows on windows.delivery_id = judged.delivery_id
left join diagnoses on diagnoses.delivery_id = judged.delivery_id and diagnoses.moment = judged.objective
