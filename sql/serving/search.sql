-- Deliveries that match, newest first; the next page starts after the last row of this one.
-- inputs: _matching
-- Parameters: those of `_matching`; $before_at and $before_id, the last row of the page before, or null; $rows at most.
select *
from _matching
where $before_at::timestamptz is null or started_at < $before_at::timestamptz or (started_at = $before_at::timestamptz and delivery_id < $before_id)
order by started_at desc, delivery_id desc
limit $rows
