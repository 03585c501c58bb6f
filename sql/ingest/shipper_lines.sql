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
                    "textPayload": "VARCHAR", "payload": "VARCHAR", "body": "VARCHAR", "_raw": "VARCHAR", "event": "VARCHAR",
                    "kubernetes": {"pod_name": "VARCHAR", "pod": {"name": "VARCHAR"}, "host": "VARCHAR", "pod_node_name": "VARCHAR", "node": {"name": "VARCHAR"}},
                    "labels": "VARCHAR", "host": "VARCHAR", "hostname": "VARCHAR", "_HOSTNAME": "VARCHAR"
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
            end as inside,
            coalesce(
                api_server(
                    coalesce(envelope.kubernetes.pod_name, envelope.kubernetes.pod.name),
                    coalesce(envelope.kubernetes.node.name, envelope.kubernetes.host, envelope.kubernetes.pod_node_name),
                    -- A text, or an object that has a name.
                    coalesce(if(starts_with(envelope.host, '{'), json_extract_string(envelope.host, '$.name'), envelope.host), envelope.hostname, envelope._HOSTNAME)
                ),
                server_of_labels(envelope.labels)
            ) as server
        from unpacked
    )

select
    line_no,
    coalesce(inside, line) as line,
    server,
    if(inside is null, 'an envelope without a line', null) as problem,
    false as is_filtered
from taken_out
