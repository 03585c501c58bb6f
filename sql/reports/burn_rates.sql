-- The error budget and burn rates of the last day that the report covers, per objective.
-- inputs: slo_daily, objectives
with targets as (
    select kind, objective, cast(arg_min(target, rowid) as double) as target, coalesce(arg_min(budget, rowid), 'deliveries') as budget, min(rowid) as position
    from objectives
    group by all
)
select
    bucket_at, kind, objective, target, budget, good_minutes, minutes, budget_left,
    burn_rate_5m, burn_rate_30m, burn_rate_1h, burn_rate_2h, burn_rate_6h, burn_rate_1d, burn_rate_3d,
from slo_daily
left join targets using (kind, objective)
where scope = 'cluster' and bucket_at = (select max(bucket_at) from slo_daily where scope = 'cluster')
order by position nulls last, kind, objective
