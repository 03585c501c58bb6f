-- The diagnoses of some deliveries by the moment of judgement, each with the line of the log that decided it.
-- inputs: diagnoses, sources
-- Parameters: $delivery_ids.
select
    delivery_id, moment, judged_at, error_code, error_detail, fault, component, message, advice, runner_up, evidence_operation, evidence_subject, evidence_at, source_id, uri, source_line,
from diagnoses
left join (select source_id, uri from sources) as sources using (source_id)
where delivery_id in (select unnest($delivery_ids::varchar[]))
order by delivery_id, judged_at, moment = 'final', moment
