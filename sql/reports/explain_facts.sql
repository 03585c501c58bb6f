-- Every HyperEvent of one object, in order.
-- inputs: hyper_events, sources
-- Parameters: $uid.
select
    hyper_events.at as fact_at, hyper_events.last_at, uncertainty_ms, at_source, source, operation, subject, detail, severity, actor, reason, message, count, code, rule, hyper_events.source_id, uri, source_line,
from hyper_events
left join sources using (source_id)
where uid = $uid
order by fact_at, observed_at, operation, subject, source_id, source_line
