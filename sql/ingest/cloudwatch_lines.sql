-- Lines behind the time at which CloudWatch met them.
-- reads: wrapped (line_no, line)
-- gives: found
select
    line_no,
    regexp_replace(line, '^\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|[+-]\d\d:\d\d) ', '') as line,
    null::varchar as problem,
    false as is_filtered
from wrapped
