-- Why lines could not be read, most frequent first, with one place each.
-- inputs: quarantine
select reason, count(*) as lines, arg_min(uri, (uri, line)) as uri, arg_min(line, (uri, line)) as line
from quarantine
group by reason
order by lines desc, reason
limit 20
