-- The measures of the input over the whole cluster, hour by hour summed up, with what a bad value means.
-- inputs: data_quality_hourly
select
    measure,
    case when measure like '%max%' then max(value) else sum(value) end as value,
    count(*) filter (note is not null) as hours_noted,
    count(*) as hours,
    mode(note order by note) as note,
    min(bucket_at) filter (note is not null) as first_noted_at,
from data_quality_hourly
where scope = 'cluster'
group by measure
order by hours_noted = 0, measure
