-- One row per HyperEvent of a tracked pod inside its window (with the settling time), with the earliest moment that it may have been.
-- A fact that several hours show is one, first seen when the first of them shows it.
-- inputs: hyper_events[-24h, +24h], _tracked_pods
with facts as (
    select
        pods.delivery_id, pods.kind as delivery_kind, pods.started_at, pods.window_end_at, pods.watermark_at, facts.* exclude (cluster, kind) replace (coalesce(facts.epoch, facts.at::varchar) as epoch),
        facts.at - to_microseconds((facts.uncertainty_ms * 1000)::bigint) as sighted_lower_at,
        min(facts.at) over same_fact as first_at,
    from hyper_events as facts
    inner join _tracked_pods as pods
        on facts.uid = pods.uid
    where facts.kind = 'Pod'
    window same_fact as (partition by pods.delivery_id, facts.operation, facts.subject, facts.detail, facts.severity, coalesce(facts.epoch, facts.at::varchar))
)
select
    * exclude (window_end_at, watermark_at, sighted_lower_at, first_at),
    max(sighted_lower_at) filter (sighted_lower_at <= first_at) over (partition by delivery_id, operation, subject, detail, severity, epoch) as lower_at,
from facts
where
    "at" >= started_at - interval 1 minute
    and "at" <= window_end_at + interval 1 minute
    and "at" <= watermark_at + interval 1 second
qualify row_number() over (partition by delivery_id, operation, subject, detail, severity, epoch order by "at", observed_at, source_id, source_line) = 1
    and "at" = first_at
