-- Each phase in the deliveries of the tail against those around the median, and what the tail would be if the phase were at its median.
-- inputs: _delivered, _phase_times
with groups as (
    select
        kind,
        any_value(level) as level,
        any_value(tail_from_s) as tail_from_s,
        any_value(p50_s) as p50_s,
        count(*) as deliveries,
        count(*) filter (is_tail) as tail_deliveries,
        count(*) filter (is_middle) as middle_deliveries,
        sum(total_us) / 1e6 as all_s,
        sum(total_us) filter (is_tail) / 1e6 as tail_s,
        sum(total_us) filter (is_middle) / 1e6 as middle_s,
    from _delivered
    where level is not null
    group by kind
),
medians as (
    select kind, phase, quantile_disc(spent_us, 0.5) as median_us, count(*) as deliveries_with
    from _phase_times
    group by all
),
per_phase as (
    select
        kind, phase,
        sum(spent_us) / 1e6 as all_s,
        coalesce(sum(spent_us) filter (is_tail), 0) / 1e6 as tail_s,
        coalesce(sum(spent_us) filter (is_middle), 0) / 1e6 as middle_s,
    from _phase_times
    join (select delivery_id, is_tail, is_middle from _delivered) using (delivery_id)
    group by all
),
-- A delivery without the phase keeps its time.
replayed as (
    select
        kind, medians.phase,
        quantile_disc(total_us - greatest(coalesce(spent_us, 0) - median_us, 0), 0.9) / 1e6 as p90_s,
        quantile_disc(total_us - greatest(coalesce(spent_us, 0) - median_us, 0), 0.99) / 1e6 as p99_s,
    from _delivered
    join medians using (kind)
    left join _phase_times using (kind, delivery_id, phase)
    group by kind, medians.phase
)
select
    kind, phase, level, tail_from_s, p50_s, deliveries, deliveries_with, tail_deliveries, middle_deliveries, median_us / 1e6 as median_s,
    per_phase.all_s / deliveries as all_s,
    per_phase.all_s / nullif(groups.all_s, 0) as all_share,
    per_phase.tail_s / tail_deliveries as tail_s,
    per_phase.tail_s / nullif(groups.tail_s, 0) as tail_share,
    per_phase.middle_s / middle_deliveries as middle_s,
    per_phase.middle_s / nullif(groups.middle_s, 0) as middle_share,
    groups.tail_s / tail_deliveries as tail_total_s,
    groups.middle_s / middle_deliveries as middle_total_s,
    case when level = 0.99 then replayed.p99_s else replayed.p90_s end as without_s,
from per_phase
join groups using (kind)
join medians using (kind, phase)
join replayed using (kind, phase)
order by kind, per_phase.tail_s / tail_deliveries - per_phase.middle_s / middle_deliveries desc, phase
