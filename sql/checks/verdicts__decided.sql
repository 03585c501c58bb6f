-- A verdict of a delivery is pending exactly as long as it is not decided.
-- inputs: verdicts, deliveries
select delivery_id, objective, verdict, decided_at
from verdicts
left join deliveries using (delivery_id)
where deliveries.delivery_id is null or (verdict = 'PENDING') <> (decided_at is null)
