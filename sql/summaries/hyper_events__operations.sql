-- The most frequent facts.
-- inputs: hyper_events
select operation, severity, source, count(*) as rows, count(distinct uid) as objects
from hyper_events
group by all
order by rows desc, operation, source
limit 15
