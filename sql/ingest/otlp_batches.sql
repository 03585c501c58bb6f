-- The bodies of OpenTelemetry's log records, in the order in which they stand.
-- reads: wrapped (line_no, line), each a JSON value
-- gives: found
with
    batches as (
        select
            line_no as batch_no,
            line,
            from_json(
                line,
                '{"resourceLogs": [{
                    "resource": {"attributes": [{"key": "VARCHAR", "value": {"stringValue": "VARCHAR"}}]},
                    "scopeLogs": [{"logRecords": [{"body": {"stringValue": "VARCHAR"}}]}]
                }]}'
            ).resourceLogs as resources,
            flatten(
                flatten(
                    list_transform(
                        resources,
                        lambda resource: list_transform(
                            coalesce(resource.scopeLogs, []),
                            lambda scope: list_transform(coalesce(scope.logRecords, []), lambda record: {'record': record, 'attributes': resource.resource.attributes})
                        )
                    )
                )
            ) as records
        from wrapped
    ),

    -- A record that is no batch stays one, to be named. The others' text is not repeated for each log record.
    found_records as (
        select
            batch_no,
            if(records is null, line, null) as other,
            unnest(coalesce(records, [null])) as found_record,
            generate_subscripts(coalesce(records, [null]), 1) as record_no
        from batches
    )

select
    row_number() over (order by batch_no, record_no) - 1 as line_no,
    coalesce(found_record.record.body.stringValue, other, to_json(found_record.record)::varchar, 'null') as line,
    api_server(
        list_filter(found_record.attributes, lambda each: each.key = 'k8s.pod.name')[1].value.stringValue,
        list_filter(found_record.attributes, lambda each: each.key = 'k8s.node.name')[1].value.stringValue,
        list_filter(found_record.attributes, lambda each: each.key = 'host.name')[1].value.stringValue
    ) as server,
    case when other is not null then 'not a batch of log records' when found_record.record.body.stringValue is null then 'a log record whose body is no text' end as problem,
    false as is_filtered
from found_records
order by line_no
