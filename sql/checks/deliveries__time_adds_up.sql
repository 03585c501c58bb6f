-- The times of the platform, the user and the queue add up to the whole.
-- inputs: deliveries
select delivery_id, kind, namespace, name, total_s, platform_s, user_s, queue_s
from deliveries
where not is_clock_skewed and (total_s < 0 or abs(total_s - platform_s - user_s - queue_s) > 0.001)
