-- The phases of some deliveries summed by subject: the time that no other phase shares, and what the phase usually takes.
-- inputs: phases, phase_stats_hourly
-- Parameters: $delivery_ids, $until_ats: the end of each delivery's clock.
with chosen as (
    select unnest($delivery_ids::varchar[]) as delivery_id, unnest($until_ats::timestamptz[]) as until_at
),
mine as (
    select phases.* exclude (ended_at), least(phases.ended_at, chosen.until_at) as ended_at
    from phases
    inner join chosen using (delivery_id)
    where phases.started_at < chosen.until_at
),
edges as (
    select delivery_id, started_at as edge_at, 1 as phases, (owner = 'platform')::int as of_platform from mine where started_at < ended_at
    union all
    select delivery_id, ended_at, -1, -(owner = 'platform')::int from mine where started_at < ended_at
),
merged as (
    select delivery_id, edge_at, sum(phases) as phases, sum(of_platform) as of_platform from edges group by delivery_id, edge_at
),
stretches as (
    select
        delivery_id, edge_at as from_at, lead(edge_at) over by_edge as to_at,
        sum(phases) over by_edge as phases, sum(of_platform) over by_edge as of_platform,
    from merged
    window by_edge as (partition by delivery_id order by edge_at)
),
-- Without this stretch of the phase, the delivery's clock (or the platform's) would have shown so much less.
sole as (
    select
        mine.delivery_id, mine.phase, mine.subject, mine.owner,
        sum(epoch_us(stretches.to_at) - epoch_us(stretches.from_at)) filter (stretches.phases = 1) / 1e6 as sole_s,
        sum(epoch_us(stretches.to_at) - epoch_us(stretches.from_at)) filter (mine.owner = 'platform' and stretches.of_platform = 1) / 1e6 as sole_platform_s,
    from mine
    inner join stretches on stretches.delivery_id = mine.delivery_id and stretches.from_at >= mine.started_at and stretches.to_at <= mine.ended_at
    group by mine.delivery_id, mine.phase, mine.subject, mine.owner
),
totals as (
    select
        delivery_id, any_value(kind) as kind, any_value(date_trunc('hour', delivery_started_at)) as hour_at, phase, subject, owner,
        sum(epoch_us(ended_at) - epoch_us(started_at)) / 1e6 as total_s, count(*) as stretches, bool_or(status = 'open') as is_open,
    from mine
    group by delivery_id, phase, subject, owner
)
select
    totals.delivery_id, totals.phase, totals.subject, totals.owner, totals.total_s, totals.stretches, totals.is_open,
    coalesce(sole.sole_s, 0) as sole_s, coalesce(sole.sole_platform_s, 0) as sole_platform_s,
    stats.p50_s as usual_s, stats.count as usual_count,
from totals
left join sole
    on sole.delivery_id = totals.delivery_id and sole.phase = totals.phase and sole.subject is not distinct from totals.subject and sole.owner = totals.owner
left join phase_stats_hourly as stats
    on stats.bucket_at = totals.hour_at and stats.kind = totals.kind and stats.phase = totals.phase and stats.scope = 'cluster'
order by totals.delivery_id, totals.total_s desc, totals.phase, totals.subject
