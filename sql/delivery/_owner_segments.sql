-- One row per stretch of a delivery in which the same owners spend the time; the stretches cover it without gaps or overlaps.
-- inputs: _phases, _judged
with clipped as (
    select phases.delivery_id, phases.owner, greatest(phases.started_at, judged.started_at) as from_at, least(phases.ended_at, judged.judged_until_at) as to_at
    from _phases as phases
    inner join _judged as judged using (delivery_id)
),
edges as (
    select delivery_id, from_at as edge_at, (owner = 'platform')::int as platform, (owner = 'user')::int as "user", (owner = 'queue')::int as queue from clipped where from_at < to_at
    union all
    select delivery_id, to_at, -(owner = 'platform')::int, -(owner = 'user')::int, -(owner = 'queue')::int from clipped where from_at < to_at
    union all
    select delivery_id, started_at, 0, 0, 0 from _judged
    union all
    select delivery_id, judged_until_at, 0, 0, 0 from _judged
),
merged as (
    select delivery_id, edge_at, sum(platform) as platform, sum("user") as "user", sum(queue) as queue
    from edges
    group by delivery_id, edge_at
),
running as (
    select
        delivery_id, edge_at as from_at, lead(edge_at) over by_edge as to_at,
        sum(platform) over by_edge as platform, sum("user") over by_edge as "user", sum(queue) over by_edge as queue,
    from merged
    window by_edge as (partition by delivery_id order by edge_at)
),
-- Whatever a platform phase covers, or no phase at all, is the platform's.
owned as (
    select delivery_id, from_at, to_at, case when platform > 0 or ("user" = 0 and queue = 0) then 'platform' when "user" > 0 then 'user' else 'queue' end as owner
    from running
    where to_at > from_at
)
select
    *,
    us_between(from_at, to_at) as duration_us,
    coalesce(sum(us_between(from_at, to_at)) filter (owner = 'platform') over (partition by delivery_id order by from_at rows between unbounded preceding and 1 preceding), 0)::bigint as platform_us_before,
from owned
