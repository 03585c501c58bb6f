-- Objects, one per line, as frames of a watch that only lists.
-- reads: lines (line_no, line), each a JSON value
-- gives: frames
select
    line_no,
    line,
    'list' as origin,
    null::varchar as frame_type,
    null::varchar as observed_text,
    json(line)::varchar as object
from lines
