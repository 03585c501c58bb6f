-- One row per HyperEvent of a tracked claim inside its window, and of what keeps the pod that it waits for unscheduled.
-- inputs: hyper_events[-24h, +24h], _tracked_claims
with facts as (
    select
        claims.delivery_id, claims.kind as delivery_kind, claims.started_at, claims.window_end_at, claims.watermark_at,
        facts.* exclude (cluster, kind) replace (coalesce(facts.epoch, facts.at::varchar) as epoch),
        facts.at - to_microseconds((facts.uncertainty_ms * 1000)::bigint) as lower_at,
    from hyper_events as facts
    inner join _tracked_claims as claims
        on facts.uid = claims.uid and facts.kind = 'PersistentVolumeClaim'
    union all
    select
        claims.delivery_id, claims.kind, claims.started_at, claims.window_end_at, claims.watermark_at,
        facts.* exclude (cluster, kind) replace (coalesce(facts.epoch, facts.at::varchar) as epoch),
        facts.at - to_microseconds((facts.uncertainty_ms * 1000)::bigint),
    from hyper_events as facts
    inner join _tracked_claims as claims
        on facts.uid = claims.consumer_uid and facts.kind = 'Pod' and claims.waits_for_consumer
    where facts.operation in ('event:FailedScheduling', 'condition:PodScheduled:false')
)
select * exclude (window_end_at, watermark_at), false as is_replaced
from facts
where "at" >= started_at - interval 1 minute and "at" <= window_end_at and "at" <= watermark_at + interval 1 second
qualify row_number() over (partition by delivery_id, operation, subject, detail, severity, epoch order by "at", observed_at, source_id, source_line) = 1
