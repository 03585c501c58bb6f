-- The time of each delivery that each phase covers, however many rows of it ran side by side; `(no phase)` is what none covers.
-- inputs: phases, _delivered
--
-- In whole microseconds, because sums of whole numbers are the same in whatever order they are made.
with stretches as (
    select
        delivery_id, kind, total_us,
        unnest([phase, '']) as phase,
        greatest(epoch_us(started_at), from_us) as from_us,
        least(epoch_us(ended_at), until_us) as until_us,
    from phases
    join (select delivery_id, from_us, until_us, total_us from _delivered) using (delivery_id)
),
-- Each stretch adds only what lies after the furthest end so far.
beyond as (
    select
        delivery_id, kind, phase, total_us, until_us,
        greatest(from_us, max(until_us) over (
            partition by delivery_id, phase order by from_us, until_us rows between unbounded preceding and 1 preceding
        )) as from_us,
    from stretches
),
covered as (
    select delivery_id, kind, phase, any_value(total_us) as total_us, sum(greatest(until_us - from_us, 0)) as covered_us
    from beyond
    group by delivery_id, kind, phase
)
select
    delivery_id, kind,
    case when phase = '' then '(no phase)' else phase end as phase,
    cast(case when phase = '' then greatest(total_us - covered_us, 0) else covered_us end as bigint) as spent_us,
from covered
