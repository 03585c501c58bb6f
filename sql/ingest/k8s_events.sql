-- The Events that kept lines hold, core/v1 and events.k8s.io/v1 in one shape.
-- reads: events (line_no, origin, partition_at, observed_at, received_at, is_deleted, body)
-- gives: k8s_events
with
    read as (
        select
            line_no,
            origin,
            partition_at,
            observed_at,
            received_at,
            is_deleted,
            from_json(
                body,
                '{
                    "metadata": {"namespace": "VARCHAR", "name": "VARCHAR", "uid": "VARCHAR", "resourceVersion": "VARCHAR", "creationTimestamp": "VARCHAR"},
                    "involvedObject": {"kind": "VARCHAR", "namespace": "VARCHAR", "name": "VARCHAR", "uid": "VARCHAR", "fieldPath": "VARCHAR"},
                    "regarding": {"kind": "VARCHAR", "namespace": "VARCHAR", "name": "VARCHAR", "uid": "VARCHAR", "fieldPath": "VARCHAR"},
                    "reason": "VARCHAR", "message": "VARCHAR", "note": "VARCHAR", "type": "VARCHAR", "action": "VARCHAR",
                    "count": "VARCHAR", "deprecatedCount": "VARCHAR", "series": {"count": "VARCHAR", "lastObservedTime": "VARCHAR"},
                    "firstTimestamp": "VARCHAR", "deprecatedFirstTimestamp": "VARCHAR", "lastTimestamp": "VARCHAR", "deprecatedLastTimestamp": "VARCHAR",
                    "eventTime": "VARCHAR",
                    "source": {"component": "VARCHAR", "host": "VARCHAR"}, "deprecatedSource": {"component": "VARCHAR", "host": "VARCHAR"},
                    "reportingComponent": "VARCHAR", "reportingController": "VARCHAR", "reportingInstance": "VARCHAR",
                    "related": {"kind": "VARCHAR", "namespace": "VARCHAR", "name": "VARCHAR"}
                }'
            ) as event
        from events
    )

select
    line_no,
    partition_at,
    origin,
    observed_at,
    received_at,
    is_deleted,
    event.metadata.namespace as event_namespace,
    event.metadata.name as event_name,
    event.metadata.uid as event_uid,
    try_cast(event.metadata.resourceVersion as bigint) as resource_version,
    try_cast(event.metadata.creationTimestamp as timestamptz) as created_at,
    coalesce(event.involvedObject.kind, event.regarding.kind) as involved_kind,
    coalesce(event.involvedObject.namespace, event.regarding.namespace) as involved_namespace,
    coalesce(event.involvedObject.name, event.regarding.name) as involved_name,
    nullif(coalesce(event.involvedObject.uid, event.regarding.uid), '') as involved_uid,
    coalesce(event.involvedObject.fieldPath, event.regarding.fieldPath) as involved_field_path,
    event.reason as reason,
    redact_text(coalesce(event.message, event.note)) as message,
    event.type as type,
    nullif(event.action, '') as action,
    greatest(coalesce(try_cast(event.series.count as bigint), try_cast(event.count as bigint), try_cast(event.deprecatedCount as bigint), 1), 1) as count,
    try_cast(coalesce(event.firstTimestamp, event.deprecatedFirstTimestamp) as timestamptz) as first_at,
    try_cast(coalesce(event.series.lastObservedTime, event.lastTimestamp, event.deprecatedLastTimestamp) as timestamptz) as last_at,
    try_cast(event.eventTime as timestamptz) as event_at,
    coalesce(
        nullif(event.reportingComponent, ''), nullif(event.reportingController, ''), nullif(event.source.component, ''), nullif(event.deprecatedSource.component, '')
    ) as component,
    coalesce(nullif(event.source.host, ''), nullif(event.deprecatedSource.host, ''), nullif(event.reportingInstance, '')) as host,
    event.related.kind as related_kind,
    event.related.namespace as related_namespace,
    event.related.name as related_name
from read
