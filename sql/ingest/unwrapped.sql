-- What wrappers held, sorted into lines that can be read on, lines left out, and lines that are no JSON. Log services cut what is too long.
-- reads: found (line_no, line, problem, is_filtered; server, if the wrapper tells which API server wrote the line)
-- gives: unwrapped
select
    line_no,
    line,
    server,
    problem,
    is_filtered or (problem is null and trim(line, e' \t\r\n') = '') as is_left_out,
    case
        when is_left_out then null
        when problem is not null then problem
        when json_valid(line) then null
        when ends_with(rtrim(line, e' \t\r\n'), '[Truncated...]') then 'truncated by the log service'
        else 'not JSON'
    end as reason
from (from found union all by name select null::varchar as server where false)
