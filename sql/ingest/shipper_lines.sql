-- The lines in the envelopes of shippers. Filebeat has a `log` of its own, which says the file, beside the `message`.
-- reads: wrapped (line_no, line), each a JSON value
-- gives: found
select
    line_no,
    coalesce(envelope.message, envelope.log, envelope.line, envelope.jsonPayload, line) as line,
    case when coalesce(envelope.message, envelope.log, envelope.line, envelope.jsonPayload) is null then 'an envelope without a line' end as problem,
    false as is_filtered
from (select line_no, line, from_json(line, '{"message": "VARCHAR", "log": "VARCHAR", "line": "VARCHAR", "jsonPayload": "VARCHAR"}') as envelope from wrapped)
