-- The seconds of each delivery that each phase covers, however many rows of it ran side by side; `(no phase)` is what none covers.
-- inputs: phases, _delivered
with stretches as (
    select
        delivery_id, kind, total_s,
        unnest([phase, '']) as phase,
        greatest(epoch_us(started_at), from_us) as from_us,
        least(epoch_us(ended_at), until_us) as until_us,
    from phases
    join (select delivery_id, from_us, until_us, total_s from _delivered) using (delivery_id)
),
-- Each stretch adds only what lies after the furthest end so far.
beyond as (
    select
        delivery_id, kind, phase, total_s, until_us,
        greatest(from_us, max(until_us) over (
            partition by delivery_id, phase order by from_us, until_us rows between unbounded preceding and 1 preceding
        )) as from_us,
    from stretches
),
covered as (
    select delivery_id, kind, phase, any_value(total_s) as total_s, sum(greatest(until_us - from_us, 0)) / 1e6 as seconds
    from beyond
    group by delivery_id, kind, phase
)
select
    delivery_id, kind,
    case when phase = '' then '(no phase)' else phase end as phase,
    case when phase = '' then greatest(total_s - seconds, 0) else seconds end as seconds,
from covered
