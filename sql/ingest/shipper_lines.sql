-- The lines in the envelopes of shippers. Filebeat has a `log` of its own, which says the file, beside the `message`.
-- Documents of Elasticsearch are in one more envelope, and may be the line themselves.
-- reads: wrapped (line_no, line), each a JSON value
-- gives: found
with
    unpacked as (
        select
            line_no,
            line,
            if(contains(left(line, 65536), '"_source"'), json_extract_string(line, '$._source'), null) as document,
            coalesce(document, line) as text_,
            from_json(
                text_,
                '{
                    "message": "VARCHAR", "log": "VARCHAR", "log_processed": "VARCHAR", "line": "VARCHAR", "msg": "VARCHAR", "jsonPayload": "VARCHAR",
                    "textPayload": "VARCHAR", "payload": "VARCHAR", "body": "VARCHAR", "_raw": "VARCHAR", "event": "VARCHAR"
                }'
            ) as envelope
        from wrapped
    ),

    taken_out as (
        select
            line_no,
            line,
            coalesce(
                envelope.message, envelope.log, envelope.log_processed, envelope.line, envelope.msg, envelope.jsonPayload,
                envelope.textPayload, envelope.payload, envelope.body, envelope._raw, envelope.event
            ) as inner_,
            case
                when contains(left(text_, 65536), '"audit"') and json_exists(text_, '$.kubernetes.audit') then json_extract_string(text_, '$.kubernetes.audit')
                when contains(left(text_, 65536), '"_raw"') and json_exists(text_, '$.result._raw') then json_extract_string(text_, '$.result._raw')
                when document is not null and not coalesce(starts_with(inner_, '{'), false) then document
                else coalesce(inner_, json_extract_string(text_, '$.MESSAGE'))
            end as inside
        from unpacked
    )

select
    line_no,
    coalesce(inside, line) as line,
    if(inside is null, 'an envelope without a line', null) as problem,
    false as is_filtered
from taken_out
