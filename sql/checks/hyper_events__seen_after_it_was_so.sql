-- What the audit log shows was so by the time it was logged. Events and dumps have clocks of their own.
-- inputs: hyper_events
select hyper_events."at", observed_at, kind, namespace, name, operation
from hyper_events
where source = 'audit' and observed_at < hyper_events."at"
