-- Each error code over time: how many of the deliveries that started in a bucket it explains.
-- inputs: deliveries
-- Parameters: $length; $kind, $code, $node, $namespace: those that are null ask for nothing. $rows at most.
with counted as (
    select date_trunc($length, started_at) as bucket_at, kind, error_code, any_value(fault) as fault, count(*) as deliveries, sum(attempts) as attempts
    from deliveries
    where
        ($kind::varchar is null or kind = $kind)
        and ($node::varchar is null or node = $node)
        and ($namespace::varchar is null or namespace = $namespace)
    group by all
),
rated as (
    select *, sum(deliveries) over (partition by bucket_at, kind) as exposure
    from counted
)
select bucket_at, kind, error_code, fault, deliveries, attempts, exposure, deliveries / exposure as rate
from rated
where error_code is not null and ($code::varchar is null or error_code = $code)
order by bucket_at, kind, deliveries desc, error_code
limit $rows
