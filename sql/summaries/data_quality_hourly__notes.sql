-- What makes results weaker.
-- inputs: data_quality_hourly
select measure, scope, scope_value, max(value) as worst, any_value(note order by value desc) as note
from data_quality_hourly
where note is not null
group by all
order by measure, scope, scope_value
limit 20
