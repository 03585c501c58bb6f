-- One row per delivery, moment and owner: the phase that had taken the most of the owner's time by then.
-- inputs: _moments, _phases, _tracked_pods, phase_rules
-- Phases between custom HyperEvents lie within or beside those that have a code.
with custom as (
    select kind, phase from phase_rules where len(list_filter(start || "end", lambda anchor: starts_with(anchor, 'custom:'))) > 0
),
clipped as (
    select
        moments.delivery_id, moments.moment, phases.owner,
        -- What the platform backs off from is a pull that the registry failed.
        case
            when phases.phase = 'backoff' and phases.owner = 'platform' then 'image_pull'
            -- A container without probes becomes ready once its hook has run.
            when phases.phase = 'container_readiness' and list_contains(pods.hook_wait_containers, phases.subject) then 'post_start_hook'
            else phases.phase
        end as phase,
        sum(greatest(0, us_between(phases.started_at, least(phases.ended_at, moments.judged_at)))) as spent_us,
        bool_or(phases.status = 'open' or phases.ended_at > moments.judged_at) as is_open,
    from _moments as moments
    inner join _phases as phases using (delivery_id)
    left join _tracked_pods as pods using (delivery_id)
    anti join custom on custom.kind = moments.kind and custom.phase = phases.phase
    where phases.started_at <= moments.judged_at
        -- The start-up clock stands still for them.
        and not (moments.moment = 'sig_startup' and phases.phase in ('image_pull', 'init'))
    group by all
)
select
    delivery_id, moment, owner,
    arg_max(phase, (spent_us, phase)) as phase,
    max(spent_us) as spent_us,
    arg_max(is_open, (spent_us, phase)) as is_open,
from clipped
group by delivery_id, moment, owner
