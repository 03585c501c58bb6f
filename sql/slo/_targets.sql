-- One row per objective and what it is set for: everything (no scope), or one value of a scope that has a target of its own.
-- inputs: objectives, objective_targets
--
-- Rules of the user come first and win. The budget is counted in deliveries, or in minutes.
with objectives_in_force as (
    select
        kind, objective,
        cast(arg_min(target, rowid) as double) as target,
        cast(arg_min(minute_target, rowid) as double) as minute_target,
        coalesce(arg_min(budget, rowid), 'deliveries') as budget,
    from objectives
    group by all
),
own as (
    select kind, objective, scope, scope_value, cast(arg_min(target, rowid) as double) as target
    from objective_targets
    group by all
)
select kind, objective, null as scope, null as scope_value, target, coalesce(minute_target, target) as minute_target, budget from objectives_in_force
union all
select own.kind, own.objective, own.scope, own.scope_value, own.target, coalesce(minute_target, own.target), budget
from own
inner join objectives_in_force using (kind, objective)
