-- How far each cluster has come: the newest instant of its sources, and of the deliveries computed from them.
-- inputs: sources, deliveries
-- Parameters: $now_at.
with derived as (
    select cluster, max(started_at) as newest_delivery_at
    from deliveries
    group by cluster
)
select
    sources.cluster,
    max(last_at) as watermark_at,
    any_value(newest_delivery_at) as newest_delivery_at,
    epoch_us($now_at::timestamptz) / 1e6 - epoch_us(max(last_at)) / 1e6 as lag_s,
    count(*) as files,
from sources
left join derived on derived.cluster = sources.cluster
group by sources.cluster
order by sources.cluster
