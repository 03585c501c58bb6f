-- One row per hour and ordered pair of clocks: the most that the second can be ahead of the first.
-- inputs: _clock_samples
-- Not the minimum of many: one step of a clock must not speak for the hour.
select bucket_at, first_kind, first, second_kind, second, if(count(*) < 20, min(ahead_ms), quantile_disc(ahead_ms, 0.05)) as ahead_ms
from _clock_samples
group by bucket_at, first_kind, first, second_kind, second
