-- Every verdict and every diagnosis is of a delivery that exists.
-- inputs: deliveries, verdicts, diagnoses
with judged as (
    select delivery_id, 'verdicts' as table_name, objective as moment
    from verdicts
    union all
    select delivery_id, 'diagnoses' as table_name, moment
    from diagnoses
)
select delivery_id, table_name, moment
from judged
anti join deliveries using (delivery_id)
