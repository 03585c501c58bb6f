-- Why deliveries failed an objective: each code with whose matter it is and on how many nodes.
-- inputs: verdicts, deliveries
-- Parameters: $kind, $objective; those that are null ask for nothing.
select
    verdicts.kind,
    coalesce(verdicts.error_code, 'Unknown') as error_code,
    mode(coalesce(verdicts.fault, 'unknown') order by verdicts.fault) as fault,
    count(distinct delivery_id) as failures,
    count(distinct deliveries.node) as nodes,
    min(started_at) as first_at,
    max(started_at) as last_at,
from verdicts
join (select delivery_id, node, started_at from deliveries) as deliveries using (delivery_id)
where
    verdict = 'FAIL'
    and ($kind::varchar is null or verdicts.kind = $kind)
    and ($objective::varchar is null or objective = $objective)
group by all
order by failures desc, verdicts.kind, error_code
