-- What made deliveries fail each objective, most first.
-- inputs: verdicts
select
    kind, objective,
    coalesce(error_code, 'Unknown') as error_code,
    coalesce(fault, 'unknown') as fault,
    count(*) as failures,
from verdicts
where verdict = 'FAIL' and error_code is distinct from 'NamespaceTerminating'
group by all
order by kind, objective, failures desc, error_code, fault
