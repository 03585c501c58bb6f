-- Watch frames taken apart: what happened, when it was seen, and the object.
-- reads: lines (line_no, line), each a JSON value
-- gives: frames
select
    line_no,
    line,
    'watch' as origin,
    frame.type as frame_type,
    frame.observed_at as observed_text,
    coalesce(frame.object::varchar, '{}') as object
from (select line_no, line, from_json(line, '{"type": "VARCHAR", "observed_at": "VARCHAR", "object": "JSON"}') as frame from lines)
