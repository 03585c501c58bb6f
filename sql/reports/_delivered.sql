-- What the long tail is made of: one row per delivery that was delivered, with how it lies to the tail and to the middle of its kind.
-- inputs: deliveries
--
-- The tail starts at p99 where at least ten deliveries lie above it, else at p90; below 50 deliveries there is no tail to speak of.
-- The middle are the deliveries from p40 to p60.
with delivered as (
    select
        delivery_id, kind, namespace, node, images, namespace || '/' || owner_kind || '/' || owner_name as workload, total_s,
        epoch_us(started_at) as from_us,
        cast(round(total_s * 1e6) as bigint) as total_us,
        from_us + total_us as until_us,
    from deliveries
    where state = 'delivered' and is_static is distinct from true and total_s is not null
),
levels as (
    select
        kind,
        count(*) as deliveries,
        case when count(*) >= 1000 then 0.99 when count(*) >= 50 then 0.9 end as level,
        quantile_disc(total_s, [0.4, 0.5, 0.6, 0.9, 0.99]) as ranks,
    from delivered
    group by kind
)
select
    delivered.*,
    deliveries,
    level,
    ranks[2] as p50_s,
    case when level = 0.99 then ranks[5] else ranks[4] end as tail_from_s,
    total_s >= case when level = 0.99 then ranks[5] else ranks[4] end as is_tail,
    total_s between ranks[1] and ranks[3] as is_middle,
from delivered
join levels using (kind)
