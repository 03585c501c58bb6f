-- A verdict is pending exactly as long as it is not decided.
-- inputs: verdicts
select delivery_id, objective, verdict, decided_at
from verdicts
where (verdict = 'PENDING') <> (decided_at is null)
