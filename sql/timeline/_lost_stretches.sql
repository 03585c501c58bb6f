-- One row per hour and pause around it in which the log holds nobody's lines: lost, if versions were written meanwhile, or an outage, if none were.
-- inputs: voices[-1h, +1h], params
with stretches as (
    select hours.hour_at, voices.*
    from (select unnest(generate_series(params.from_at, params.to_at - interval 1 hour, interval 1 hour)) as hour_at from params) as hours
    inner join voices on voices.bucket_at between hours.hour_at - interval 1 hour and hours.hour_at + interval 1 hour
    where voices.scope = 'log'
),
-- What is written and logged per second over all of it.
rates as (
    select
        hour_at, sum(lines) as lines, epoch(max(to_at)) - epoch(min(from_at)) as extent_s, sum(epoch(to_at) - epoch(from_at)) as heard_s,
        (max(last_version) - min(first_version)) / (epoch(max(last_version_at)) - epoch(min(first_version_at))) as versions_per_s,
    from stretches
    group by hour_at
    having max(last_version_at) > min(first_version_at)
),
pauses as (
    select
        hour_at, to_at as lost_from_at, lead(from_at) over by_time as lost_to_at,
        -- A stretch may be without writes: the last that was known before, and the first that is known after.
        last_value(case when last_version is not null then struct_pack(version := last_version, "at" := last_version_at) end ignore nulls) over (by_time rows between unbounded preceding and current row) as before,
        first_value(case when first_version is not null then struct_pack(version := first_version, "at" := first_version_at) end ignore nulls) over (by_time rows between 1 following and unbounded following) as after,
    from stretches
    window by_time as (partition by hour_at order by from_at)
),
compared as (
    select
        pauses.hour_at, lost_from_at, lost_to_at, after.version - before.version as versions,
        rates.versions_per_s * (epoch(after.at) - epoch(before.at)) as expected,
        -- A log of few requests is silent now and then: in others this pause is most of all there are.
        rates.heard_s >= 0.8 * (rates.extent_s - (epoch(lost_to_at) - epoch(lost_from_at))) and rates.lines * (epoch(lost_to_at) - epoch(lost_from_at)) >= 100 * rates.heard_s as is_unusual,
    from pauses
    inner join rates using (hour_at)
    where lost_to_at is not null
)
select
    hour_at, lost_from_at, lost_to_at, versions,
    -- Few versions prove nothing, and what is in between neither.
    coalesce(is_unusual and expected >= 20 and versions >= 0.7 * expected, false) as is_lost,
    coalesce(expected >= 20 and versions <= 0.5 * expected, false) as is_outage,
from compared
