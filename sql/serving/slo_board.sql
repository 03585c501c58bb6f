-- Verdicts per bucket and objective, summed over the values of a scope: what the board draws.
-- inputs: series
-- Parameters: $scope, `cluster` or for who may not see all of it `namespace`; $scope_value, all if null; $length.
with summed as (
    select
        cluster, date_trunc($length, bucket_at) as bucket_at, kind, objective,
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
    from series
    where scope = $scope and ($scope_value::varchar is null or scope_value = $scope_value)
    group by all
)
select
    *,
    success / nullif(success + fail, 0) as success_rate,
    success / nullif(success + fail - fail_user, 0) as platform_success_rate,
from summed
order by cluster, bucket_at, kind, objective
