-- Versions and objects by kind.
-- inputs: objects
select kind, count(*) as versions, count(distinct uid) as objects
from objects
group by all
order by versions desc, kind
limit 15
