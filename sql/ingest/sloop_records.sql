-- The records of Sloop as frames of a watch. Its objects say no kind of their own; a watchType of 0 is left out.
-- reads: lines (line_no, line), each a JSON value
-- gives: frames
with records as (
    select
        line_no,
        line,
        from_json(
            line,
            '{"timestamp": {"seconds": "BIGINT", "nanos": "BIGINT"}, "kind": "VARCHAR", "watchType": "VARCHAR", "payload": "VARCHAR"}'
        ) as record
    from lines
)

select
    line_no,
    line,
    'watch' as origin,
    case coalesce(record.watchType, '0')
        when '0' then 'ADDED'
        when '1' then 'MODIFIED'
        when '2' then 'DELETED'
        when 'ADD' then 'ADDED'
        when 'UPDATE' then 'MODIFIED'
        when 'DELETE' then 'DELETED'
    end as frame_type,
    make_timestamptz(record.timestamp.seconds * 1000000 + coalesce(record.timestamp.nanos, 0) // 1000)::varchar as observed_text,
    case
        when record.payload is null then '{}'
        when json_exists(record.payload, '$.kind') then record.payload
        else
            '{"kind":' || to_json(record.kind)::varchar || ',"apiVersion":"'
            || case
                when record.kind in ('Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet') then 'apps/v1'
                when record.kind in ('Job', 'CronJob') then 'batch/v1'
                else 'v1'
            end
            || '",' || substr(record.payload, 2)
    end as object
-- As the API server would write it: what redacts it knows no white space between its signs.
from (select * replace ({'timestamp': record.timestamp, 'kind': record.kind, 'watchType': record.watchType, 'payload': if(json_valid(record.payload) and starts_with(ltrim(record.payload), '{'), json(record.payload)::varchar, null)} as record) from records)
