-- Each objective over all hours of the report: verdicts, both rates, good minutes, and what was attained of the target: its share of deliveries or of minutes.
-- inputs: slo_hourly, slo_minutely, _calls, objectives
with targets as (
    select
        kind, objective, cast(arg_min(target, rowid) as double) as target, cast(coalesce(arg_min(minute_target, rowid), arg_min(target, rowid)) as double) as minute_target,
        coalesce(arg_min(budget, rowid), 'deliveries') as budget, min(rowid) as position,
    from objectives
    group by all
),
counts as (
    select kind, objective, total, success, fail, kill, pending, unsettled, fail_platform, fail_capacity, fail_user, fail_unknown from slo_hourly where scope = 'cluster'
    union all by name
    select * exclude (cluster, bucket_at, is_good) from _calls
),
summed as (
    select
        kind, objective,
        sum(columns('^(total|success|fail|kill|pending|unsettled|fail_\w+)$')) as "\0",
    from counts
    group by all
),
decided as (
    select kind, objective, success / (success + fail) >= minute_target as is_good
    from slo_minutely
    inner join targets using (kind, objective)
    where scope = 'cluster' and success + fail > 0
    union all
    select kind, objective, is_good from _calls where is_good is not null
),
good as (
    select kind, objective, count(*) as minutes, count(*) filter (is_good) as good_minutes
    from decided
    group by all
),
rated as (
    select
        summed.*, target, coalesce(budget, 'deliveries') as budget, position, coalesce(minutes, 0) as minutes, coalesce(good_minutes, 0) as good_minutes,
        success_rate(success, fail) as success_rate,
        platform_success_rate(success, fail, fail_user) as platform_success_rate,
        case when budget = 'minutes' then good_minutes / nullif(minutes, 0) else success_rate(success, fail) end as attained,
    from summed
    left join good using (kind, objective)
    left join targets using (kind, objective)
)
select
    * exclude (position),
    1 - (1 - attained) / nullif(round(1 - target, 12), 0) as budget_left,
from rated
order by position nulls last, kind, objective
