-- The most frequent error codes of what was not delivered.
-- inputs: deliveries
select error_code, fault, count(*) as deliveries, count(distinct node) as nodes, any_value(error_detail order by started_at) as first_detail
from deliveries
where state <> 'delivered' and error_code is not null
group by all
order by deliveries desc, error_code
limit 15
