-- A diagnosis is of a delivery that exists.
-- inputs: diagnoses, deliveries
select delivery_id, moment, error_code
from diagnoses
anti join deliveries using (delivery_id)
