-- No more deliveries failed at a value than touched it.
-- inputs: error_clusters_daily
select bucket_at, kind, error_code, dimension, value, failures, exposure
from error_clusters_daily
where failures > exposure
