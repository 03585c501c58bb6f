-- Every delivery has its verdicts; static pods, creates that a namespace on its way out refused, and what the log does not show have none.
-- inputs: deliveries, verdicts
select delivery_id, kind, namespace, name, state, error_code
from deliveries
anti join verdicts using (delivery_id)
where not coalesce(is_static, false) and error_code is distinct from 'NamespaceTerminating' and not (state = 'pending' and total_s is null)
