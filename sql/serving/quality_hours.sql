-- The measures of the input, hour by hour.
-- inputs: data_quality_hourly
-- Parameters: $measure, all if null; $noted, whether only what has something to know; $rows at most.
select *
from data_quality_hourly
where ($measure::varchar is null or measure = $measure) and (not $noted or note is not null)
order by bucket_at, cluster, measure, scope, scope_value
limit $rows
