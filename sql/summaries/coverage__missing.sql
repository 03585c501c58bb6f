-- What the log cannot tell, and for lack of what.
-- inputs: coverage
select fact, count(*) filter (is_covered) as hours_covered, count(*) as hours, max(best_source) as best_source, max(best_level) as best_level, max(missing) as missing
from coverage
group by all
order by hours_covered, fact
