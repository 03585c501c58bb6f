-- The error codes that most deliveries ended with.
-- Parameters: $namespace, null for all of them.
select
    kind, error_code, fault,
    count(*) as deliveries,
    count(distinct node) as nodes,
    mode(error_detail order by error_detail) as detail,
    min(started_at) as first_at,
    max(started_at) as last_at,
from deliveries
where error_code is not null and ($namespace::varchar is null or namespace = $namespace)
group by kind, error_code, fault
order by count(*) desc, kind, error_code, fault
limit 10
