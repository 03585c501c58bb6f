-- How far each node's clock seems to be off, worst first.
-- inputs: data_quality_hourly
-- Parameters: $rows at most.
select
    scope_value as node,
    arg_max(value, abs(value)) as worst_ms,
    quantile_disc(value, 0.5) as median_ms,
    count(*) filter (note is not null) as hours_noted,
    mode(note order by note) as note,
    count(*) over () as of_all,
from data_quality_hourly
where measure = 'clock_skew_ms' and scope = 'node'
group by scope_value
order by abs(worst_ms) desc, node
limit $rows
