-- Every delivery has its verdicts; static pods and creates that a namespace on its way out refused have none.
-- inputs: deliveries, verdicts
select delivery_id, kind, namespace, name, state, error_code
from deliveries
anti join verdicts using (delivery_id)
where not coalesce(is_static, false) and error_code is distinct from 'NamespaceTerminating'
