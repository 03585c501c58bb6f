-- A phase lies inside its delivery, which exists.
-- inputs: phases, deliveries
select delivery_id, phase, subject, phases.started_at, phases.ended_at, deliveries.started_at as delivery_started_at, deliveries.judged_until_at
from phases
left join deliveries using (delivery_id)
where
    deliveries.delivery_id is null
    or (
        not phases.is_clock_skewed
        and (
            phases.started_at < deliveries.started_at - to_milliseconds(phases.uncertainty_ms)
            or phases.ended_at > deliveries.judged_until_at + to_milliseconds(phases.uncertainty_ms)
        )
    )
