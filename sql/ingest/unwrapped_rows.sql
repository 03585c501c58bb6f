-- The rows of lines out of wrappers, and those of the wrappers that held nothing to read.
-- reads: parsed, unwrapped
-- gives: parsed
select rows_.* replace (told.server as server)
from (select * from parsed) as rows_
left join (select line_no, nullif(server, '') as server from unwrapped) as told using (line_no)
union all by name
select
    line_no,
    false as is_kept,
    is_left_out as is_filtered,
    reason,
    text as raw
from (select *, rtrim(line, e'\r\n') as text from unwrapped)
where reason is not null or is_left_out
