-- What the timeline and the deliveries of each hour lack: Events that never came, contradicting clocks, names without a UID.
-- inputs: hyper_events[0h, +1h], deliveries[0h, 0h], phases[0h, 0h]
with pod_facts as (
    select cluster, hour_of(observed_at) as bucket_at, "at", namespace, name, uid, operation, coalesce(subject, '') as container
    from hyper_events
    where kind = 'Pod'
),
started as (
    select uid, "at", container, unnest([bucket_at, bucket_at - interval 1 hour]) as bucket_at
    from pod_facts
    where operation in ('event:Started', 'event:Failed')
),
ready as (
    select cluster, hour_of(started_at) as bucket_at, uid, node, ready_at
    from deliveries
    where kind = 'pod_create' and ready_at is not null and uid is not null and not coalesce(left_censored, false) and not coalesce(is_static, false)
),
-- A restart's Event says nothing about the first start.
first_starts as (
    select uid, bucket_at, min("at") as first_at
    from started
    group by all
),
ready_without_started as (
    select cluster, bucket_at, count(*) filter (first_at is null or first_at > ready_at + interval 1 minute) as value
    from ready
    left join first_starts using (uid, bucket_at)
    group by all
),
created as (
    select distinct cluster, bucket_at, uid, container
    from pod_facts
    where operation = 'event:Created' and uid is not null
),
created_without_started as (
    select cluster, bucket_at, count(*) as value
    from created
    anti join started using (uid, container, bucket_at)
    group by all
),
unresolved as (
    select cluster, bucket_at, count(distinct (namespace, name)) as value
    from pod_facts
    where (uid is null and name is not null and operation not like '%refused%') or uid like 'name:%'
    group by all
),
-- Own records that name their pod by what it had then, and no pod had it.
unjoined as (
    select cluster, hour_of(observed_at) as bucket_at, count(distinct (source_id, source_line)) as value
    from hyper_events
    where source = 'custom' and kind = 'Pod' and uid is null and name is null
    group by all
),
negative as (
    select cluster, hour_of(delivery_started_at) as bucket_at, coalesce(node, '') as node, count(*) as value
    from phases
    where is_clock_skewed
    group by all
)
select cluster, bucket_at, 'pods_ready_without_started' as measure, 'cluster' as scope, cluster as scope_value, cast(value as double) as value from ready_without_started
union all by name
select cluster, bucket_at, 'created_without_started' as measure, 'cluster' as scope, cluster as scope_value, value from created_without_started
union all by name
select cluster, bucket_at, 'unresolved_names' as measure, 'cluster' as scope, cluster as scope_value, value from unresolved
union all by name
select cluster, bucket_at, 'unjoined_records' as measure, 'cluster' as scope, cluster as scope_value, value from unjoined
union all by name
select cluster, bucket_at, 'negative_phases' as measure, 'cluster' as scope, cluster as scope_value, sum(value) as value from negative group by all
union all by name
select cluster, bucket_at, 'negative_phases' as measure, 'node' as scope, node as scope_value, value from negative where node <> ''
