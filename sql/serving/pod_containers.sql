-- What went wrong in each container of a pod, by the HyperEvents and phases that name it.
-- inputs: hyper_events, phases
-- Parameters: $uid.
with facts as (
    select
        subject as container,
        count(*) filter (severity = 'error') as errors,
        count(*) filter (severity = 'warning') as warnings,
        max(count) filter (operation = 'container:restarted') as restarts,
        arg_max(operation, ("at", operation)) filter (operation in ('container:waiting', 'container:running', 'container:terminated', 'container:ready')) as last_state,
        arg_max(coalesce(message, reason, detail), ("at", operation)) filter (severity in ('error', 'warning')) as last_trouble,
    from hyper_events
    where uid = $uid and subject is not null
    group by subject
    -- A subject may be anything; what has a container's state is one.
    having bool_or(starts_with(operation, 'container:'))
),
pulls as (
    select subject as container, any_value(image) as image, sum(duration_s) as pull_s, bool_or(status = 'error') as is_pull_failed, bool_or(cached) as is_cached
    from phases
    where uid = $uid and phase = 'image_pull'
    group by subject
)
select
    coalesce(facts.container, pulls.container) as container, image, pull_s, coalesce(is_pull_failed, false) as is_pull_failed, is_cached,
    coalesce(errors, 0) as errors, coalesce(warnings, 0) as warnings, restarts, last_state, last_trouble,
from facts
full join pulls on facts.container = pulls.container
order by container
