-- What eventrouter says of Events, as frames of a watch. It lists all Events anew whenever it starts.
-- reads: lines (line_no, line), each a JSON value
-- gives: frames
select
    line_no,
    line,
    'watch' as origin,
    case record.verb when 'UPDATED' then 'MODIFIED' else record.verb end as frame_type,
    null::varchar as observed_text,
    coalesce(record.event::varchar, '{}') as object
from (select line_no, line, from_json(line, '{"verb": "VARCHAR", "event": "JSON"}') as record from lines)
