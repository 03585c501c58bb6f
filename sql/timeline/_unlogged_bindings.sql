-- One row per hour and stretch around it without bindings in the log, though kubelets were given pods in it.
-- inputs: voices[-1h, +1h], hyper_events[-1h, +1h], params
with hours as (
    select unnest(generate_series(params.from_at, params.to_at - interval 1 hour, interval 1 hour)) as hour_at from params
),
pods as (
    select
        uid,
        min("at") filter (rule = 'pod_acknowledged') as acknowledged_at,
        bool_or(rule = 'pod_binding' or operation = 'event:Scheduled') as is_told,
        -- A pod that is created for a node needs no binding.
        min(struct_pack(source_id, source_line)) filter (operation = 'pod:create:accepted') = min(struct_pack(source_id, source_line)) filter (rule = 'pod_seen_bound') as is_placed,
        coalesce(min("at") filter (operation = 'pod:create:accepted'), min("at" - to_microseconds((uncertainty_ms * 1000)::bigint)) filter (rule = 'pod_acknowledged')) as created_at,
        -- A static pod is its kubelet's own.
        coalesce(bool_or(operation = 'pod:create:accepted' and "user" like 'system:node:%'), false) as is_kubelets,
    from hyper_events
    where kind = 'Pod' and uid is not null and (rule in ('pod_acknowledged', 'pod_binding', 'pod_seen_bound') or operation in ('event:Scheduled', 'pod:create:accepted'))
    group by uid
),
logs as (
    select hours.hour_at, min(voices.from_at) as begins_at, max(voices.to_at) as ends_at
    from hours
    inner join voices on voices.bucket_at between hours.hour_at - interval 1 hour and hours.hour_at + interval 1 hour
    where voices.scope = 'log'
    group by hours.hour_at
),
-- What was bound before the log begins shows nothing.
unbound as (
    select hours.hour_at, pods.*
    from pods
    inner join hours on pods.acknowledged_at >= hours.hour_at - interval 1 hour and pods.acknowledged_at < hours.hour_at + interval 2 hour
    inner join logs on logs.hour_at = hours.hour_at and pods.created_at > greatest(logs.begins_at, hours.hour_at - interval 1 hour) + interval 1 minute
    where not is_told and not coalesce(is_placed, false) and not is_kubelets
),
bindings as (
    select hours.hour_at, voices.from_at, voices.to_at
    from hours
    inner join voices on voices.bucket_at between hours.hour_at - interval 1 hour and hours.hour_at + interval 1 hour
    where voices.scope = 'scheduler'
),
-- Around each of them: the last binding before, and the next one after.
around as (
    select
        unbound.hour_at, unbound.uid,
        (select max(least(bindings.to_at, unbound.created_at)) from bindings where bindings.hour_at = unbound.hour_at and bindings.from_at <= unbound.created_at) as before_at,
        (select min(greatest(bindings.from_at, unbound.acknowledged_at)) from bindings where bindings.hour_at = unbound.hour_at and bindings.to_at >= unbound.acknowledged_at) as after_at,
    from unbound
)
select
    around.hour_at, coalesce(around.before_at, logs.begins_at) as from_at, coalesce(around.after_at, logs.ends_at) as to_at, count(*) as pods,
from around
inner join logs using (hour_at)
group by all
having count(*) >= 2
