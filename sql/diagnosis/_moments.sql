-- One row per delivery and moment that wants an explanation: each verdict that is no success, and the end of the tracking (`final`).
-- inputs: _verdicts, _judged_pods, _judged_deletes, _judged_claims
select delivery_id, kind, started_at, objective as moment, verdict, judged_at, limit_s
from _verdicts
where verdict <> 'SUCCESS'
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
