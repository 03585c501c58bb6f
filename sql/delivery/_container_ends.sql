-- One row per container and end, no later than the container's next start (the status tells only the second).
-- inputs: _tracked_facts, _container_starts
with ends as (
    select
        delivery_id, delivery_kind as kind, subject as container, detail as role, code, reason, message, "at", lower_at, uncertainty_ms, source_id, source_line,
        row_number() over (partition by delivery_id, subject order by lower_at, "at", reason, code, source_id, source_line) as end_no,
        count(*) over (partition by delivery_id, subject) as ends,
    from _tracked_facts
    where operation = 'container:terminated'
),
starts as (
    select delivery_id, container, start_no, "at", max(start_no) over (partition by delivery_id, container) as starts from _container_starts
)
select
    ends.* exclude ("at", ends),
    -- With every end known, the n-th is before the start n + 1.
    case when ends.ends >= next_starts.starts - 1 and next_starts.at >= ends.lower_at then least(ends.at, next_starts.at) else ends.at end as "at",
from ends
left join starts as next_starts on next_starts.delivery_id = ends.delivery_id and next_starts.container = ends.container and next_starts.start_no = ends.end_no + 1
