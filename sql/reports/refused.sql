-- Creates that the API server refused; repeats of one key are one row with attempts.
-- inputs: deliveries, _explained
-- Parameters: $rows at most.
select
    delivery_id, deliveries.kind, namespace, name, owner_kind, owner_name, controller_kind, controller_name, "user", code, deliveries.error_code, deliveries.error_detail, deliveries.fault,
    deliveries.message, attempts, started_at, advice, uri, source_line,
    count(*) over () as of_all,
from deliveries
left join _explained using (delivery_id)
where uid is null
order by attempts desc, started_at, delivery_id
limit $rows
