-- The phases of the deliveries that the report shows one by one.
-- inputs: phases
-- Parameters: $delivery_ids.
select delivery_id, phase, subject, owner, started_at, ended_at, duration_s, uncertainty_ms, status, error_code, cached, pull_s, pull_wait_s, image_bytes,
from phases
where delivery_id in (select unnest($delivery_ids::varchar[]))
order by delivery_id, started_at, ended_at, phase, subject
