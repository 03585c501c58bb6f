-- Where an error code gathers in one hour: its rate at each value of each dimension against its rate elsewhere.
-- grain: hour
-- inputs: _error_clusters
select * exclude (length)
from _error_clusters
where length = 'hour'
