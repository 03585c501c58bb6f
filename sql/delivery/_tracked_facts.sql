-- One row per HyperEvent of a tracked pod inside its window (with the settling time), with the earliest moment that it may have been.
-- inputs: hyper_events[-24h, +24h], _tracked_pods
select
    pods.delivery_id, pods.kind as delivery_kind, pods.started_at, facts.* exclude (cluster, kind),
    facts.at - to_microseconds((facts.uncertainty_ms * 1000)::bigint) as lower_at,
from hyper_events as facts
inner join _tracked_pods as pods
    on facts.uid = pods.uid
where
    facts.kind = 'Pod'
    and facts.at >= pods.started_at - interval 1 minute
    and facts.at <= pods.window_end_at + interval 1 minute
    and facts.at <= pods.watermark_at + interval 1 second
