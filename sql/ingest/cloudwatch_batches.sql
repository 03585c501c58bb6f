-- The log events of CloudWatch's batches. EKS writes the logs of all its control plane into one group; only some streams are an audit log.
-- reads: wrapped (line_no, line), each a JSON value
-- gives: found
with
    batches as (
        select
            line_no as batch_no,
            line,
            from_json(
                line,
                '{
                    "messageType": "VARCHAR", "logStream": "VARCHAR", "logEvents": [{"message": "VARCHAR", "logStreamName": "VARCHAR"}],
                    "events": [{"message": "VARCHAR", "logStreamName": "VARCHAR"}],
                    "results": [[{"field": "VARCHAR", "value": "VARCHAR"}]]
                }'
            ) as batch
        from wrapped
    ),

    listed as (
        select
            *,
            coalesce(
                batch.logEvents,
                batch.events,
                list_transform(
                    batch.results,
                    lambda row_: {
                        'message': list_filter(row_, lambda each: each.field = '@message')[1].value,
                        'logStreamName': list_filter(row_, lambda each: each.field = '@logStream')[1].value
                    }
                )
            ) as events
        from batches
    ),

    -- A record that is no batch stays one, to be named. The others' text is not repeated for each event.
    log_events as (
        select
            batch_no,
            if(events is null, line, null) as other,
            batch.messageType as message_type,
            batch.logStream as stream,
            unnest(coalesce(events, [null])) as event,
            generate_subscripts(coalesce(events, [null]), 1) as event_no
        from listed
    )

select
    row_number() over (order by batch_no, event_no) - 1 as line_no,
    coalesce(event.message, other, to_json(event)::varchar, 'null') as line,
    coalesce(event.logStreamName, stream) as server,
    case when other is not null then 'not a batch of log events' when event.message is null then 'a log event without a message' end as problem,
    coalesce(message_type = 'CONTROL_MESSAGE', false) or coalesce(
        regexp_matches(
            coalesce(event.logStreamName, stream), '^(?:kube-apiserver|authenticator|kube-scheduler|kube-controller-manager|cloud-controller-manager)-[0-9a-f]{16,}$'
        ),
        false
    ) as is_filtered
from log_events
order by line_no
