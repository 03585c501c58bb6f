-- What the board adds to `slo_board` in windows of hours: good minutes of the objectives whose budget is minutes, and API calls with their counts.
-- inputs: slo_minutely, _calls
-- Parameters: $scope, $scope_value, all if null; $length; $budgets, the objectives counted in minutes with the share that makes a minute good.
with budgets as (
    select unnest($budgets::struct(cluster varchar, kind varchar, objective varchar, minute_target double)[], recursive := true)
),
decided as (
    select cluster, bucket_at, kind, objective, sum(success) / sum(success + fail) >= minute_target as is_good
    from slo_minutely
    inner join budgets using (cluster, kind, objective)
    where scope = $scope and ($scope_value::varchar is null or scope_value = $scope_value)
    group by cluster, bucket_at, kind, objective, minute_target
    having sum(success + fail) > 0
),
delivered as (
    select cluster, date_trunc($length, bucket_at) as bucket_at, kind, objective, count(*) as minutes, count(*) filter (is_good) as good_minutes
    from decided
    group by all
),
called as (
    select
        cluster, date_trunc($length, bucket_at) as bucket_at, kind, objective,
        sum(columns('^(total|success|fail|kill|pending|unsettled|fail_\w+)$')) as "\0",
        count(is_good) as minutes,
        count(*) filter (is_good) as good_minutes,
    from _calls
    group by all
),
both_kinds as (
    select * from called
    union all by name
    select * from delivered
)
select
    *,
    success / nullif(success + fail, 0) as success_rate,
    success / nullif(success + fail - fail_user, 0) as platform_success_rate,
from both_kinds
order by cluster, bucket_at, kind, objective
