-- Where an error code gathers in one day: its rate at each value of each dimension against its rate elsewhere.
-- grain: day
-- inputs: _error_clusters
select * exclude (length)
from _error_clusters
where length = 'day'
