-- How far the clock of each API server is ahead of that of most, and how far off that estimate may be.
-- inputs: _clock_bounds, audit_events[0h, 0h]
with direct as (
    select bucket_at, first, second, min(ahead_ms) as ahead_ms
    from (
        select bucket_at, first, second, ahead_ms from _clock_bounds where first_kind = 'server' and second_kind = 'server'
        union all
        -- By way of a node, of which both know.
        select firsts.bucket_at, firsts.first, seconds.second, firsts.ahead_ms + seconds.ahead_ms
        from _clock_bounds as firsts
        inner join _clock_bounds as seconds on seconds.bucket_at = firsts.bucket_at and seconds.first_kind = 'node' and seconds.first = firsts.second
        where firsts.first_kind = 'server' and firsts.second_kind = 'node' and firsts.first <> seconds.second
    )
    group by bucket_at, first, second
),
-- By way of one other server, and of three.
two_steps as (
    select bucket_at, first, second, min(ahead_ms) as ahead_ms
    from (
        from direct
        union all
        select firsts.bucket_at, firsts.first, seconds.second, firsts.ahead_ms + seconds.ahead_ms
        from direct as firsts
        inner join direct as seconds on seconds.bucket_at = firsts.bucket_at and seconds.first = firsts.second and seconds.second <> firsts.first
    )
    group by bucket_at, first, second
),
four_steps as (
    select bucket_at, first, second, min(ahead_ms) as ahead_ms
    from (
        from two_steps
        union all
        select firsts.bucket_at, firsts.first, seconds.second, firsts.ahead_ms + seconds.ahead_ms
        from two_steps as firsts
        inner join two_steps as seconds on seconds.bucket_at = firsts.bucket_at and seconds.first = firsts.second and seconds.second <> firsts.first
    )
    group by bucket_at, first, second
),
-- Bounded from both sides: the middle, give or take half of what lies between.
apart as (
    select
        ahead.bucket_at, ahead.first as reference, ahead.second as server, (ahead.ahead_ms - behind.ahead_ms) / 2 as skew_ms, abs(ahead.ahead_ms + behind.ahead_ms) / 2 as uncertainty_ms,
    from four_steps as ahead
    inner join four_steps as behind on behind.bucket_at = ahead.bucket_at and behind.first = ahead.second and behind.second = ahead.first
),
sizes as (
    select hour_of(stage_at) as bucket_at, coalesce(server, source_id) as server, count(*) as requests from audit_events group by all
),
-- The clock that most others agree with, servers' and nodes', is the one to go by.
nodes as (
    select server, bucket_at, node, min(ahead_ms) filter (is_ahead) as ahead_ms, min(ahead_ms) filter (not is_ahead) as behind_ms
    from (
        select bounds.bucket_at, steps.first as server, bounds.second as node, true as is_ahead, steps.ahead_ms + bounds.ahead_ms as ahead_ms
        from _clock_bounds as bounds
        inner join (from four_steps union all select distinct bucket_at, first, first, 0.0 from four_steps) as steps on steps.bucket_at = bounds.bucket_at and steps.second = bounds.first
        where bounds.second_kind = 'node'
        union all
        select bounds.bucket_at, steps.second, bounds.first, false, bounds.ahead_ms + steps.ahead_ms
        from _clock_bounds as bounds
        inner join (from four_steps union all select distinct bucket_at, first, first, 0.0 from four_steps) as steps on steps.bucket_at = bounds.bucket_at and steps.first = bounds.second
        where bounds.first_kind = 'node'
    )
    group by server, bucket_at, node
),
votes as (
    select bucket_at, server, count(*) as clocks
    from (
        select bucket_at, reference as server from apart where abs(skew_ms) <= uncertainty_ms
        union all
        select bucket_at, server from nodes where ahead_ms >= 0 and behind_ms >= 0
        union all
        select bucket_at, server from sizes
    )
    group by bucket_at, server
),
chosen as (
    select sizes.bucket_at, arg_max(sizes.server, (votes.clocks, sizes.requests, sizes.server)) as reference
    from sizes
    inner join votes using (bucket_at, server)
    group by sizes.bucket_at
)
select apart.bucket_at, apart.server, apart.skew_ms, apart.uncertainty_ms
from apart
inner join chosen using (bucket_at, reference)
union all
select distinct apart.bucket_at, apart.reference, 0.0, 0.0
from apart
inner join chosen using (bucket_at, reference)
