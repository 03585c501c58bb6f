-- One row per stretch in which the log is known to lack somebody's lines, whoever's: what is not heard then may have happened all the same.
-- inputs: log_gaps[-24h, +24h]
with gaps as (
    select from_at, to_at from log_gaps where scope <> 'server'
),
begun as (
    select *, coalesce(from_at > max(to_at) over (order by from_at, to_at rows between unbounded preceding and 1 preceding), true) as is_new
    from gaps
),
numbered as (
    select *, sum(is_new::integer) over (order by from_at, to_at rows between unbounded preceding and current row) as hole from begun
)
select min(from_at) as from_at, max(to_at) as to_at
from numbered
group by hole
