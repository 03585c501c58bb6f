-- A phase ends no earlier than it starts, unless it says that clocks contradict each other.
-- inputs: phases
select delivery_id, phase, subject, started_at, ended_at, duration_s
from phases
where ended_at < started_at and not is_clock_skewed and epoch_ms(started_at) - epoch_ms(ended_at) > uncertainty_ms
