-- One row per sample of the objective `sig_startup`: its deadline is the instant at which the start-up clock reaches the limit.
-- inputs: _startups, objective_limits
with startup_limits as (
    select
        startups.delivery_id,
        coalesce(max(limits.limit_s) filter (limits.namespace = startups.namespace), max(limits.limit_s) filter (limits.workload_kind = workload_kind_of('pod_create', startups.owner_kind)), max(limits.limit_s) filter (limits.applies_to = 'all')) as limit_s,
    from _startups as startups
    inner join objective_limits as limits on limits.kind = 'pod_create' and limits.objective = 'sig_startup'
    where startups.is_sample
    group by startups.delivery_id
),
limits as (
    select startups.* exclude (stretches), startup_limits.limit_s from _startups as startups inner join startup_limits using (delivery_id)
    -- What took longer than the limit may be within it without a pull that is not told.
    where not (startups.hides_pulls and us_between(startups.started_at, startups.until_at) > startup_limits.limit_s * 1e6)
),
stretches as (
    select
        delivery_id, stretch.from_at, stretch.duration_us,
        coalesce(sum(stretch.duration_us) over (partition by delivery_id order by stretch.from_at rows between unbounded preceding and 1 preceding), 0)::bigint as us_before,
    from (select delivery_id, unnest(stretches) as stretch from _startups where is_sample)
),
crossings as (
    select limits.delivery_id, min(stretches.from_at + to_microseconds((limits.limit_s * 1e6)::bigint - stretches.us_before)) as crossed_at
    from limits
    inner join stretches using (delivery_id)
    where stretches.us_before + stretches.duration_us >= limits.limit_s * 1e6
    group by limits.delivery_id
),
decided as (
    select
        limits.*,
        least(
            coalesce(shown_at, 'infinity'), coalesce(failed_at, 'infinity'), coalesce(killed_at, 'infinity'),
            coalesce(crossings.crossed_at, 'infinity'), window_end_at
        ) as end_at,
    from limits
    left join crossings using (delivery_id)
)
select
    delivery_id, started_at, limit_s, until_at, watermark_at,
    case
        when end_at > watermark_at then 'PENDING'
        when end_at = shown_at then 'SUCCESS'
        when end_at = killed_at then 'KILL'
        else 'FAIL'
    end as verdict,
    case when end_at <= watermark_at then end_at end as decided_at,
    least(counted_us / 1e6, coalesce((select sum(least(stretches.duration_us, us_between(stretches.from_at, decided.end_at))) from stretches where stretches.delivery_id = decided.delivery_id and stretches.from_at < decided.end_at), 0) / 1e6) as spent_s,
from decided
