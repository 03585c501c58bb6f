-- What the log can tell, hour by hour.
-- inputs: coverage
-- Parameters: $rows at most.
select *
from coverage
order by bucket_at, cluster, fact
limit $rows
