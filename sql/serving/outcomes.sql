-- What was said of some deliveries: the objectives that failed, and all verdicts.
-- inputs: verdicts
-- Parameters: $delivery_ids.
select
    delivery_id,
    list(objective order by objective) filter (verdict = 'FAIL') as failed_objectives,
    list(objective || '=' || verdict order by objective) as verdicts,
from verdicts
where delivery_id in (select unnest($delivery_ids::varchar[]))
group by delivery_id
order by delivery_id
