-- Deliveries that failed, broke at once, were killed with an error or hang, so that every error code is represented.
-- inputs: _judged, _explained
-- Parameters: $per_code rows of each code at most.
with troubled as (
    select *
    from _judged
    where outcome <> 'SUCCESS' and uid is not null and error_code is distinct from 'DeletedBeforeReady'
)
select
    delivery_id, kind, outcome, failed_objectives, uid, namespace, name, node, owner_kind, owner_name, state, started_at, total_s, platform_s, user_s, queue_s,
    troubled.error_code, troubled.error_detail, troubled.fault, troubled.component, troubled.message,
    advice, runner_up, uri, source_line, evidence_operation, evidence_at, evidence_count,
    row_number() over per_code as position,
    count(*) over (partition by kind, outcome, troubled.error_code) as of_code,
from troubled
left join _explained using (delivery_id)
window per_code as (partition by kind, outcome, troubled.error_code order by started_at, delivery_id)
qualify position <= $per_code
order by
    case outcome when 'FAIL' then 1 when 'unsettled' then 2 when 'KILL' then 3 else 4 end,
    of_code desc, kind, troubled.error_code, position
