-- How long deliveries took, by the minute, hour or day that they started in; a percentile is the nearest rank, null where too few were delivered.
-- inputs: deliveries
-- Parameters: $length; $from_at, $to_at (exclusive).
with ranked as (
    select
        date_trunc($length, started_at) as bucket_at, kind,
        count(*) as delivered,
        quantile_disc(total_s, [0.5, 0.9, 0.99]) as ranks,
        max(total_s) as max_s,
    from deliveries
    where state = 'delivered' and is_static is distinct from true and started_at >= $from_at::timestamptz and started_at < $to_at::timestamptz
    group by all
)
select
    bucket_at, kind, delivered, max_s,
    case when delivered >= 2 then ranks[1] end as p50_s,
    case when delivered >= 10 then ranks[2] end as p90_s,
    case when delivered >= 100 then ranks[3] end as p99_s,
from ranked
order by bucket_at, kind
