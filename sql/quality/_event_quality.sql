-- What the Events of each hour say about themselves: rows, combined ones, and how far each node's clock is ahead.
-- inputs: k8s_events[0h, 0h], audit_events[0h, 0h], _clock_quality, _clock_samples
with sightings as (
    select
        cluster, hour_of(partition_at) as bucket_at, event_namespace, event_name, message, component, host, count, k8s_events.received_at, created_at,
        coalesce(requests.server, source_id) as server,
        coalesce(event_at, first_at) as stated_at,
        try_cast('0x' || regexp_extract(event_name, '\.([0-9a-f]{14,16})$', 1) as bigint) as name_ns,
    from k8s_events
    left join (select source_id, source_line, server from audit_events where body_table = 'k8s_events') as requests using (source_id, source_line)
),
counted as (
    select
        cluster, bucket_at,
        count(*) as event_rows,
        count(distinct (event_namespace, event_name)) filter (message like '(combined from similar events)%') as event_combined,
    from sightings
    group by all
),
-- A kubelet names an Event by its own clock's nanosecond; the API server says by its clock when it received the first of it, or in which
-- second it created the object. The report comes after the fact, so what is left of the delay is the most that the clock can be behind.
delays as (
    select
        cluster, bucket_at, host as node, count = 1 and received_at is not null as is_received,
        (epoch_us(coalesce(case when count = 1 then received_at end, created_at + interval 1 second)) - name_ns // 1000) / 1e3
            -- As the clock of most servers would have it.
            - if(abs(clocks.skew_ms) > clocks.uncertainty_ms, clocks.skew_ms, 0) as delay_ms,
    from sightings
    left join _clock_quality as clocks using (bucket_at, server)
    where component = 'kubelet' and host is not null and name_ns >= epoch_ns(stated_at) and name_ns < epoch_ns(stated_at) + 1000000000
),
-- Not the minimum: one step of a clock must not speak for the hour.
skews as (
    -- The second of an object's creation only where nothing better is known: who set it is not.
    select cluster, bucket_at, node, -coalesce(quantile_disc(delay_ms, 0.05) filter (is_received), quantile_disc(delay_ms, 0.05)) as clock_skew_ms
    from delays
    where delay_ms is not null
    group by all
),
-- A kubelet that acts on a pod has seen its binding: so far ahead its clock can be at most.
bounded as (
    select
        skews.cluster, skews.bucket_at, skews.node,
        greatest(0, quantile_disc(samples.ahead_ms + if(abs(clocks.skew_ms) > clocks.uncertainty_ms, clocks.skew_ms, 0), 0.05) - any_value(skews.clock_skew_ms)) as clock_skew_uncertainty_ms,
    from skews
    inner join _clock_samples as samples on samples.bucket_at = skews.bucket_at and samples.first_kind = 'server' and samples.second_kind = 'node' and samples.second = skews.node
    left join _clock_quality as clocks on clocks.bucket_at = skews.bucket_at and clocks.server = samples.first
    group by skews.cluster, skews.bucket_at, skews.node
)
select cluster, bucket_at, 'cluster' as scope, cluster as scope_value, unnest([
    struct_pack(measure := 'event_rows', value := cast(event_rows as double)),
    struct_pack(measure := 'event_combined', value := event_combined)
], recursive := true)
from counted
union all by name
select cluster, bucket_at, 'node' as scope, node as scope_value, 'clock_skew_ms' as measure, clock_skew_ms as value
from skews
union all by name
select cluster, bucket_at, 'node' as scope, node as scope_value, 'clock_skew_uncertainty_ms' as measure, clock_skew_uncertainty_ms as value
from bounded
