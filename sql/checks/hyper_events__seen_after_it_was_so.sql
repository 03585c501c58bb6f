-- A fact is never seen before the moment by which it was so.
-- inputs: hyper_events
select hyper_events."at", observed_at, kind, namespace, name, operation
from hyper_events
where observed_at < hyper_events."at"
