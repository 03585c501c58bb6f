-- Why lines could not be read.
-- inputs: quarantine
select reason, count(*) as lines, count(distinct source_id) as files, any_value(parse_filename(uri)) as such_as
from quarantine
group by all
order by lines desc, reason
limit 20
