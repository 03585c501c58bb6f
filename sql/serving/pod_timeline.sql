-- The HyperEvents of one object, in order.
-- inputs: hyper_events, sources
-- Parameters: $uid.
select
    hyper_events.cluster, hyper_events."at" as fact_at, hyper_events.last_at, uncertainty_ms, at_source, source, kind, namespace, name, operation, subject, detail, severity, actor, "user", node,
    reason, message, count, code, resource_version, rule, hyper_events.source_id, uri, source_line,
from hyper_events
left join (select source_id, uri from sources) as sources using (source_id)
where uid = $uid
order by fact_at, observed_at, operation, subject, source_id, source_line
