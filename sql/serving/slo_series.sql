-- The rows of one table of the SLO, as they are stored.
-- inputs: series
-- Parameters: $kind, $objective, $scope, $scope_value; those that are null ask for nothing. $rows at most.
select *
from series
where
    ($kind::varchar is null or kind = $kind)
    and ($objective::varchar is null or objective = $objective)
    and ($scope::varchar is null or scope = $scope)
    and ($scope_value::varchar is null or scope_value = $scope_value)
order by bucket_at, cluster, kind, objective, scope, scope_value
limit $rows
