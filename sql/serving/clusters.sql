-- Each cluster: what was read of it, and up to when.
-- inputs: sources
select
    cluster,
    count(*) as files,
    sum(lines) as lines,
    sum(quarantined) as quarantined,
    min(first_at) as first_at,
    max(last_at) as watermark_at,
from sources
group by cluster
order by cluster
