-- The most frequent final diagnoses, with what to do.
-- inputs: diagnoses
select error_code, fault, count(*) as deliveries, any_value(advice order by error_code) as advice
from diagnoses
where moment = 'final'
group by all
order by deliveries desc, error_code
limit 15
