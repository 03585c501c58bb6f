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
    select
        delivery_id, container, start_no, "at", max(start_no) over (partition by delivery_id, container) as starts,
        lag("at") over (partition by delivery_id, container order by start_no) as previous_at,
    from _container_starts
),
-- What the kubelet does for a start comes after the end of the run before.
attempts as (
    select starts.delivery_id, starts.container, starts.start_no, min(facts.at) as "at"
    from starts
    inner join _tracked_facts as facts on facts.delivery_id = starts.delivery_id and facts.subject = starts.container
    where facts.operation in ('event:Pulling', 'event:Pulled', 'event:Created') and facts.at > starts.previous_at and facts.at < starts.at
    group by starts.delivery_id, starts.container, starts.start_no
),
-- The run that an upgrade replaces has ended before the kubelet does anything for the next one.
replacements as (
    select ends.delivery_id, ends.container, min(facts.at) as "at"
    from ends
    inner join _tracked_facts as facts on facts.delivery_id = ends.delivery_id and facts.subject = ends.container
    where ends.is_replaced and facts.operation in ('event:Pulling', 'event:Pulled', 'event:Created', 'event:Started', 'container:running') and facts.at >= ends.lower_at
    group by ends.delivery_id, ends.container
),
bounded as (
    select
        ends.*, replacements.at as replaced_at,
        -- With every end known, the n-th is before the start n + 1.
        case when ends.ends >= next_starts.starts - 1 and next_starts.at >= ends.lower_at then if(attempts.at >= ends.lower_at, attempts.at, next_starts.at) end as restarted_at,
    from ends
    left join starts as next_starts on next_starts.delivery_id = ends.delivery_id and next_starts.container = ends.container and next_starts.start_no = ends.end_no + 1
    left join attempts on attempts.delivery_id = ends.delivery_id and attempts.container = ends.container and attempts.start_no = ends.end_no + 1
    left join replacements on replacements.delivery_id = ends.delivery_id and replacements.container = ends.container
)
select
    * exclude ("at", ends, replaced_at, restarted_at), if(is_replaced, least("at", replaced_at), least("at", restarted_at)) as "at",
    restarted_at is not null as is_restarted,
    -- Where two moments fall together, an end that the next attempt bounds is before it.
    coalesce("at" >= restarted_at, false) as is_bounded,
from bounded
