-- Verdicts by objective.
-- inputs: verdicts
select
    kind, objective,
    count(*) filter (verdict = 'SUCCESS') as success,
    count(*) filter (verdict = 'FAIL') as fail,
    count(*) filter (verdict = 'KILL') as kill,
    count(*) filter (verdict = 'PENDING') as pending,
from verdicts
group by all
order by kind, objective
