-- The success rates against each objective over all days.
-- Parameters: $namespace, null for the whole cluster.
with summed as (
    select
        kind, objective,
        sum(success) as success, sum(fail) as fail, sum(fail_user) as fail_user, sum(kill) as kill, sum(pending) as pending,
    from slo_daily
    where ($namespace::varchar is null and scope = 'cluster') or (scope = 'namespace' and scope_value = $namespace)
    group by kind, objective
)
select
    kind, objective, success, fail, kill, pending,
    success / nullif(success + fail, 0) as success_rate,
    success / nullif(success + fail - fail_user, 0) as platform_success_rate,
from summed
order by kind, objective
