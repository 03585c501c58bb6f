-- The lines in the envelopes of shippers. Filebeat has a `log` of its own, which says the file, beside the `message`.
-- Elasticsearch, Splunk and the Kubernetes integration of Elastic put one more envelope around; where that holds no line, it is one.
-- reads: wrapped (line_no, line), each a JSON value
-- gives: found
with
    unpacked as (
        select
            line_no,
            line,
            case
                when contains(left(line, 65536), '"_source"') then json_extract_string(line, '$._source')
                when contains(left(line, 65536), '"_raw"') then json_extract_string(line, '$.result')
                when contains(left(line, 65536), '"audit":{') then json_extract_string(line, '$.kubernetes')
            end as inner_text,
            from_json(
                coalesce(inner_text, line),
                '{
                    "message": "VARCHAR", "audit": "VARCHAR", "log": "VARCHAR", "log_processed": "VARCHAR", "line": "VARCHAR", "msg": "VARCHAR", "jsonPayload": "VARCHAR",
                    "textPayload": "VARCHAR", "payload": "VARCHAR", "body": "VARCHAR", "_raw": "VARCHAR", "event": "VARCHAR"
                }'
            ) as envelope
        from wrapped
    ),

    taken_out as (
        select
            *,
            coalesce(
                envelope.message, envelope.audit, envelope.log, envelope.log_processed, envelope.line, envelope.msg, envelope.jsonPayload,
                envelope.textPayload, envelope.payload, envelope.body, envelope._raw, envelope.event, json_extract_string(line, '$.MESSAGE'), inner_text
            ) as inside
        from unpacked
    )

select
    line_no,
    coalesce(inside, line) as line,
    if(inside is null, 'an envelope without a line', null) as problem,
    false as is_filtered
from taken_out
