-- One row per hour and stretch around it in which pods were made whose creates the log does not hold.
-- inputs: voices[-1h, +1h], pods[-1h, +1h], hyper_events[-1h, +1h], params
with hours as (
    select unnest(generate_series(params.from_at, params.to_at - interval 1 hour, interval 1 hour)) as hour_at from params
),
heard as (
    select
        hours.hour_at, min(voices.from_at) filter (voices.scope = 'log') as begins_at, max(voices.to_at) filter (voices.scope = 'log') as ends_at,
        coalesce(sum(voices.lines) filter (voices.scope = 'creates'), 0) as creates,
    from hours
    inner join voices on voices.bucket_at between hours.hour_at - interval 1 hour and hours.hour_at + interval 1 hour
    where voices.scope in ('log', 'creates')
    group by hours.hour_at
),
made as (
    select
        pods.uid, min(pods.created_at) as created_at,
        exists (from hyper_events as facts where facts.operation = 'pod:create:accepted' and facts.uid = pods.uid) as is_told,
    from pods
    where pods.created_at is not null
    group by pods.uid
),
-- The second that an object keeps may begin before the log does.
known as (
    select heard.hour_at, heard.creates, made.*
    from heard
    inner join made on made.created_at > heard.begins_at + interval 1 second and made.created_at <= heard.ends_at
)
select hour_at, min(created_at) filter (not is_told) as from_at, max(created_at) filter (not is_told) + interval 1 second as to_at, count(*) - any_value(creates) as pods
from known
group by hour_at
-- A create that names nobody counts for one of them.
having count(*) - any_value(creates) >= 2 and count(*) filter (not is_told) >= 2
