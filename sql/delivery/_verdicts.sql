-- One row per tracked delivery and objective, before the diagnosis: what the clock says and when it was decided.
-- inputs: _judged_creates, _judged_deletes, _judged_upgrades, _judged_claims, _platform_verdicts, _startup_verdicts, _owner_segments, objective_limits
with wall as (
    select delivery_id, kind, started_at, 'wall' as objective, wall_limit_s as limit_s, wall_verdict as verdict, wall_decided_at as decided_at, judged_until_at, watermark_at
    from _judged_creates
    where not coalesce(is_static, false) and not is_undecidable
    union all by name
    select delivery_id, kind, started_at, 'wall' as objective, wall_limit_s as limit_s, wall_verdict as verdict, wall_decided_at as decided_at, judged_until_at, watermark_at
    from _judged_upgrades
    where not is_undecidable
    union all by name
    select delivery_id, kind, started_at, 'wall' as objective, wall_limit_s as limit_s, wall_verdict as verdict, wall_decided_at as decided_at, judged_until_at, watermark_at
    from _judged_claims
    where not is_undecidable
),
platform as (
    select creates.delivery_id, creates.kind, creates.started_at, 'platform' as objective, verdicts.limit_s, verdicts.verdict, verdicts.decided_at, creates.judged_until_at, creates.watermark_at
    from _judged_creates as creates
    inner join _platform_verdicts as verdicts using (delivery_id)
    where not coalesce(creates.is_static, false) and verdicts.verdict <> 'UNDECIDABLE'
),
delete_limits as (
    select
        deletes.delivery_id, limits.objective,
        coalesce(
            max(limits.limit_s) filter (limits.namespace = deletes.namespace),
            max(limits.limit_s) filter (limits.workload_kind = workload_kind_of(deletes.kind, deletes.owner_kind)),
            max(limits.limit_s) filter (limits.applies_to = 'all')
        ) as limit_s,
    from _judged_deletes as deletes
    inner join objective_limits as limits on limits.kind = deletes.kind
    group by deletes.delivery_id, limits.objective
),
deletes as (
    select
        deletes.delivery_id, deletes.kind, deletes.started_at, limits.objective, limits.limit_s,
        case
            when delivered_at <= started_at + to_seconds(limit_s) then 'SUCCESS'
            when started_at + to_seconds(limit_s) <= watermark_at then 'FAIL'
            else 'PENDING'
        end as verdict,
        case
            when delivered_at <= started_at + to_seconds(limit_s) then delivered_at
            when started_at + to_seconds(limit_s) <= watermark_at then started_at + to_seconds(limit_s)
        end as decided_at,
        judged_until_at, watermark_at,
    from _judged_deletes as deletes
    inner join delete_limits as limits using (delivery_id)
    -- A kubelet's last delete alone does not tell when the delete was asked for.
    -- What the log cannot show, nobody judges.
    where not coalesce(deletes.is_static, false) and not coalesce(deletes.is_start_unknown, false) and not deletes.is_undecidable
        and coalesce(started_at + to_seconds(limit_s) <= unheard_at, true)
),
startup as (
    select delivery_id, 'pod_create' as kind, started_at, 'sig_startup' as objective, limit_s, verdict, decided_at, until_at as judged_until_at, watermark_at, spent_s as clock_s
    from _startup_verdicts
),
verdicts as (
    select *, null::double as clock_s from wall
    union all by name select * from platform
    union all by name select * from startup
    union all by name select * from deletes
),
-- The clock of `platform` is the platform's own time up to the decision.
platform_spent as (
    select
        verdicts.delivery_id,
        sum(us_between(segments.from_at, least(segments.to_at, coalesce(verdicts.decided_at, segments.to_at)))) / 1e6 as spent_s,
    from verdicts
    inner join _owner_segments as segments using (delivery_id)
    where verdicts.objective = 'platform' and segments.owner = 'platform' and segments.from_at < coalesce(verdicts.decided_at, 'infinity')
    group by verdicts.delivery_id
)
select
    verdicts.* exclude (judged_until_at, watermark_at, clock_s),
    case when objective = 'sig_startup' then clock_s when objective = 'platform' then coalesce(platform_spent.spent_s, 0) else seconds_between(started_at, coalesce(decided_at, judged_until_at)) end as spent_s,
    coalesce(decided_at, watermark_at) as judged_at,
from verdicts
left join platform_spent using (delivery_id)
