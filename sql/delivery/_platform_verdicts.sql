-- One row per tracked create: the objective `platform`, whose deadline is the instant at which the platform's own time reaches the limit.
-- inputs: _judged_creates, _owner_segments, objective_limits
with platform_limits as (
    select
        creates.delivery_id,
        coalesce(max(limits.limit_s) filter (limits.namespace = creates.namespace), max(limits.limit_s) filter (limits.workload_kind = workload_kind_of(creates.kind, creates.owner_kind)), max(limits.limit_s) filter (limits.applies_to = coalesce(creates.size_class, 'typical'))) as limit_s,
    from _judged_creates as creates
    inner join objective_limits as limits on limits.kind = creates.kind and limits.objective = 'platform'
    group by creates.delivery_id
),
limits as (
    select creates.*, platform_limits.limit_s from _judged_creates as creates inner join platform_limits using (delivery_id)
),
crossings as (
    select
        limits.delivery_id,
        min(segments.from_at + to_microseconds((limits.limit_s * 1e6)::bigint - segments.platform_us_before)) as crossed_at,
    from limits
    inner join _owner_segments as segments using (delivery_id)
    where segments.owner = 'platform' and segments.platform_us_before + segments.duration_us >= limits.limit_s * 1e6
    group by limits.delivery_id
),
deadlines as (
    select
        limits.*,
        -- No promise to an unbounded pod: it is looked at after 10 minutes. Nobody is waited for beyond the tracking window.
        case when limit_s is null then started_at + interval 10 minute else least(coalesce(crossings.crossed_at, 'infinity'), window_end_at) end as deadline_at,
    from limits
    left join crossings using (delivery_id)
),
decided as (
    select *, least(coalesce(delivered_at, 'infinity'), coalesce(failed_at, 'infinity'), coalesce(killed_at, 'infinity'), deadline_at) as end_at
    from deadlines
)
select
    delivery_id, limit_s, deadline_at,
    case when end_at <= watermark_at then end_at end as decided_at,
    case
        when is_undecidable or (is_late_look and end_at = deadline_at and end_at <= watermark_at) then 'UNDECIDABLE'
        when end_at > watermark_at then 'PENDING'
        when end_at = delivered_at then 'SUCCESS'
        when end_at = killed_at then 'KILL'
        -- Slow without an error is success for those who were promised nothing; `_verdicts` asks the diagnosis.
        when limit_s is null and end_at = deadline_at then 'UNPROMISED'
        else 'FAIL'
    end as verdict,
from decided
