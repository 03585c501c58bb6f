-- Lines behind what a logger puts before them.
-- reads: wrapped (line_no, line)
-- gives: found
select
    line_no,
    if(contains(line, '{'), regexp_replace(line, '^[^{]+', ''), line) as line,
    null::varchar as problem,
    false as is_filtered
from wrapped
