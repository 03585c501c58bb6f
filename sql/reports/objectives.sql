-- Each objective over all hours of the report: verdicts, both rates, and the target.
-- inputs: slo_hourly, objectives
with targets as (
    select kind, objective, cast(arg_min(target, rowid) as double) as target, min(rowid) as position
    from objectives
    group by all
),
summed as (
    select
        kind, objective,
        sum(total) as total,
        sum(success) as success,
        sum(fail) as fail,
        sum(kill) as kill,
        sum(pending) as pending,
        sum(unsettled) as unsettled,
        sum(fail_platform) as fail_platform,
        sum(fail_capacity) as fail_capacity,
        sum(fail_user) as fail_user,
        sum(fail_unknown) as fail_unknown,
    from slo_hourly
    where scope = 'cluster'
    group by all
)
select
    summed.*,
    target,
    success / nullif(success + fail, 0) as success_rate,
    success / nullif(success + fail - fail_user, 0) as platform_success_rate,
    1 - fail / nullif(success + fail, 0) / nullif(round(1 - target, 12), 0) as budget_left,
from summed
left join targets using (kind, objective)
order by position nulls last, kind, objective
