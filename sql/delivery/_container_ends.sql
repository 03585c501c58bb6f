-- One row per container and end, no later than the container's next start (the status tells only the second).
-- inputs: _tracked_facts, _container_starts
with ends as (
    select
        delivery_id, delivery_kind as kind, subject as container, detail as role, code, reason, message, "at", lower_at, uncertainty_ms, source_id, source_line,
        is_replaced,
        row_number() over (partition by delivery_id, subject, is_replaced order by lower_at, "at", reason, code, source_id, source_line) as end_no,
        count(*) over (partition by delivery_id, subject, is_replaced) as ends,
    from _tracked_facts
    where operation = 'container:terminated'
),
starts as (
    select delivery_id, container, start_no, "at", max(start_no) over (partition by delivery_id, container) as starts from _container_starts
),
-- The run that an upgrade replaces has ended before the kubelet does anything for the next one.
replacements as (
    select ends.delivery_id, ends.container, min(facts.at) as "at"
    from ends
    inner join _tracked_facts as facts on facts.delivery_id = ends.delivery_id and facts.subject = ends.container
    where ends.is_replaced and facts.operation in ('event:Pulling', 'event:Pulled', 'event:Created', 'event:Started', 'container:running') and facts.at >= ends.lower_at
    group by ends.delivery_id, ends.container
)
select
    ends.* exclude ("at", ends),
    -- With every end known, the n-th is before the start n + 1.
    case when ends.is_replaced then least(ends.at, replacements.at) when ends.ends >= next_starts.starts - 1 and next_starts.at >= ends.lower_at then least(ends.at, next_starts.at) else ends.at end as "at",
from ends
left join starts as next_starts on next_starts.delivery_id = ends.delivery_id and next_starts.container = ends.container and next_starts.start_no = ends.end_no + 1
left join replacements on replacements.delivery_id = ends.delivery_id and replacements.container = ends.container
