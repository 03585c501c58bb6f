-- The account of the sources that touch this day, newest first.
-- inputs: sources
select parse_filename(uri) as file, shape, lines, kept, filtered, duplicates, quarantined, last_at, coalesce(problem, '') as problem
from sources, params
where first_at < to_at and last_at >= from_at
order by last_at desc, uri
limit 20
