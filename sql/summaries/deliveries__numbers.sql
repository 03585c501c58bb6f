-- Deliveries by kind and state.
-- inputs: deliveries
select kind || ' ' || state as name, count(*) as value
from deliveries
group by all
order by name
