-- One row per hour of records, pod, image and stretch in which the pod waited for that image to start: from its binding, or the end of one run, to the next start.
-- inputs: custom_records[0h, 0h], pods[-168h, +1h], _container_facts
with hours as (
    select distinct hour_of(recorded_at) as hour_at from custom_records where join_by in ('image', 'node')
),
-- Each hour knows itself and its neighbours, so that it does not matter which hours are computed together.
near as (
    select hours.hour_at, pods.*
    from pods
    inner join hours on pods.seen_at >= hours.hour_at - interval 1 hour and pods.seen_at < hours.hour_at + interval 2 hour
),
known as (
    select
        hour_at, uid, any_value(namespace) as namespace, any_value(name) as name, max(node) as node, min(coalesce(scheduled_at, created_at)) as bound_at,
        arg_max(images, (images is not null, seen_at)) as images, max(released_at) as released_at,
    from near
    group by hour_at, uid
    having max(node) is not null
),
wanted as (
    select * exclude (images, image), image_parts(image) as image
    from (select *, unnest(images) as image from known)
),
runs as (
    select hour_at, uid, unnest(from_json(container_runs, '[{"image": "VARCHAR", "started_at": "TIMESTAMPTZ", "finished_at": "TIMESTAMPTZ"}]'), recursive := true)
    from near
    where container_runs is not null
    union all by name
    select
        hour_of(partition_at) as hour_at, uid, value as image,
        case fact when 'running' then lower_at end as started_at, case fact when 'terminated' then lower_at end as finished_at,
    from _container_facts semi join hours on hours.hour_at = hour_of(_container_facts.partition_at)
    where fact in ('running', 'terminated') and uid is not null
),
starts as (
    select distinct hour_at, uid, image_parts(image).repository as repository, started_at from runs where started_at is not null
),
ends as (
    select distinct hour_at, uid, image_parts(image).repository as repository, finished_at from runs where finished_at is not null
),
-- A run that ended is followed by a wait only if it is followed by another.
begins as (
    select *, bound_at as from_at, true as is_first from wanted
    union all by name
    select wanted.*, ends.finished_at as from_at, false as is_first
    from wanted
    inner join ends on ends.hour_at = wanted.hour_at and ends.uid = wanted.uid and ends.repository = wanted.image.repository
)
select
    begins.hour_at, begins.uid, begins.namespace, begins.name, begins.node, begins.image, begins.from_at,
    -- Times of statuses are cut to whole seconds. Where nothing says that it started, the wait is over when creations are no longer tracked.
    least(starts.started_at + interval 1 second, begins.released_at + interval 1 second, begins.from_at + interval 35 minute) as to_at,
from begins
asof left join starts
    on starts.hour_at = begins.hour_at and starts.uid = begins.uid and starts.repository = begins.image.repository and begins.from_at <= starts.started_at
where begins.is_first or starts.started_at is not null
