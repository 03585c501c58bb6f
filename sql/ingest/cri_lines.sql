-- The lines of containers, put together where the runtime split them; each part has a line with a time, a stream and a tag of its own.
-- reads: wrapped (line_no, line)
-- gives: found
select
    line_no,
    regexp_replace(rtrim(line, e'\r\n'), '(?:^|\r?\n)\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|[+-]\d\d:\d\d) (?:stdout|stderr) [FP](?::[^ \r\n]*)? ?', '', 'g') as line,
    null::varchar as problem,
    false as is_filtered
from wrapped
