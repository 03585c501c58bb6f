-- Where an error code gathers beyond chance (q < 0.05).
-- inputs: error_clusters_hourly
select error_code, dimension, value, failures, exposure, round(lift, 1) as lift, q_value
from error_clusters_hourly
where q_value < 0.05
order by q_value, failures desc, error_code, dimension, value
limit 15
