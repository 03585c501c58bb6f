-- The verdicts of some deliveries, with the moment at which each would have failed.
-- inputs: verdicts
-- Parameters: $delivery_ids.
select delivery_id, objective, limit_s, spent_s, verdict, decided_at, error_code, error_detail, fault
from verdicts
where delivery_id in (select unnest($delivery_ids::varchar[]))
order by delivery_id, decided_at nulls last, objective
