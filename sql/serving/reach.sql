-- Up to when each cluster's log is known.
-- inputs: sources
select cluster, min(first_at) as first_at, max(last_at) as watermark_at
from sources
group by cluster
order by cluster
