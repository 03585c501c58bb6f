-- What the board adds to `slo_board` in windows of days: good minutes, and API calls with their counts.
-- inputs: slo_daily
-- Parameters: $scope, `cluster` or for who may not see all of it `namespace`, whose minutes add up then; $scope_value, all if null.
with summed as (
    select
        cluster, bucket_at, kind, objective,
        sum(columns('^(total|success|fail|kill|pending|unsettled|fail_\w+|minutes|good_minutes)$')) as "\0",
    from slo_daily
    where scope = $scope and ($scope_value::varchar is null or scope_value = $scope_value)
    group by all
)
select
    *,
    success / nullif(success + fail, 0) as success_rate,
    success / nullif(success + fail - fail_user, 0) as platform_success_rate,
from summed
order by cluster, bucket_at, kind, objective
