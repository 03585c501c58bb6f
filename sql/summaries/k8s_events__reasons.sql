-- The most frequent reasons.
-- inputs: k8s_events
select reason, type, count(*) as rows, count(distinct involved_uid) as objects
from k8s_events
group by all
order by rows desc, reason
limit 15
