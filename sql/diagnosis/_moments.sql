-- One row per delivery and moment that wants an explanation: each verdict that is no success, and the end of the tracking (`final`).
-- inputs: _verdicts, _judged_pods, _judged_deletes, _judged_claims, _first_looks
select
    verdicts.delivery_id, verdicts.kind, verdicts.started_at, verdicts.objective as moment, verdicts.verdict,
    -- What a log that begins later cannot tell of a deadline, its first look may.
    greatest(verdicts.judged_at, looks.looked_at) as judged_at,
    verdicts.limit_s,
from _verdicts as verdicts
left join _first_looks as looks using (delivery_id)
where verdicts.verdict <> 'SUCCESS'
union all
select delivery_id, kind, started_at, 'final', case when delivered_at is not null then 'SUCCESS' else wall_verdict end, evidence_until_at, wall_limit_s
from _judged_pods
union all
select delivery_id, kind, started_at, 'final', 'PENDING', judged_until_at, null
from _judged_deletes
where delivered_at is null
union all
select delivery_id, kind, started_at, 'final', case when delivered_at is not null then 'SUCCESS' else wall_verdict end, judged_until_at, wall_limit_s
from _judged_claims
