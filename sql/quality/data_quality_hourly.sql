-- How far the input of each hour can be trusted: one measure of the cluster, a node, a source or an API server per row.
-- grain: hour
-- inputs: _audit_quality, _event_quality, _clock_quality, _timeline_quality, log_gaps[0h, 0h]
with hours as (
    select cluster, unnest(generate_series(from_at, to_at - interval 1 hour, interval 1 hour)) as bucket_at
    from params
),
measured as (
    from _audit_quality
    union all by name
    from _event_quality
    union all by name
    from _timeline_quality
    union all by name
    select
        params.cluster, clocks.bucket_at, 'server' as scope, clocks.server as scope_value,
        unnest([struct_pack(measure := 'clock_skew_ms', value := clocks.skew_ms), struct_pack(measure := 'clock_skew_uncertainty_ms', value := clocks.uncertainty_ms)], recursive := true),
    from _clock_quality as clocks
    cross join params
    union all by name
    select
        cluster, bucket_at, case scope when 'scheduler' then 'log_gap_bindings_s' when 'creates' then 'log_gap_creates_s' else 'log_gap_s' end as measure,
        if(scope in ('node', 'server'), scope, 'cluster') as scope, if(scope in ('node', 'server'), scope_value, cluster) as scope_value,
        sum(us_between(from_at, to_at)) / 1e6 as value,
    from log_gaps
    group by all
),
-- A count that nothing showed is 0, and says so.
counts as (
    select cluster, bucket_at, unnest([
        'audit_rows', 'audit_out_of_order', 'audit_duplicates_across_sources', 'audit_truncated', 'event_rows', 'event_combined',
        'pods_ready_without_started', 'created_without_started', 'negative_phases', 'unresolved_names'
    ]) as measure
    from hours
),
absent as (
    select cluster, bucket_at, measure, 'cluster' as scope, cluster as scope_value, cast(0 as double) as value
    from counts
    anti join (from measured where scope = 'cluster') using (cluster, bucket_at, measure)
),
complete as (
    from (from measured semi join hours using (cluster, bucket_at))
    union all by name
    from absent
)
select
    *,
    case
        when measure = 'audit_rows' and value = 0 then 'No audit events: what happened in this hour is only known from elsewhere.'
        when measure = 'event_rows' and value = 0 then 'No Events: failures of the kubelet and the scheduler carry no reason.'
        when measure = 'audit_gap_max_s' and value > 60 then 'The log is silent for longer than a minute: what happened then is missing, and deliveries may look slower than they were.'
        when measure = 'log_gap_s' and scope = 'node' then 'The kubelet of this node was at work and is not in the log: the log of the API server that it is connected to was not collected. Pods on the node are not judged for this time.'
        when measure = 'log_gap_s' and scope = 'server' then 'This API server is not in the log while others are: it was down, or its log was not collected.'
        when measure = 'log_gap_s' then 'Versions were written while nobody is in the log: a file is missing. Pods are not judged for this time.'
        when measure = 'log_gap_bindings_s' then 'Kubelets were given pods whose bindings are not in the log: the log of the scheduler''s API server was not collected, or the policy leaves bindings out.'
        when measure = 'log_gap_creates_s' then 'Pods were made whose creates are not in the log: the log of an API server was not collected, or the policy leaves creates out.'
        when measure = 'audit_truncated' and value > 0 then 'The API server dropped bodies for their size: the state of these objects is not known from them.'
        when measure = 'audit_unanswered' and value > 0 then 'Requests without an answer: the API server was killed, or the log was cut.'
        when measure = 'event_combined' and value > 0 then 'Similar Events were combined: single messages, and with them some causes, are hidden.'
        when measure = 'pods_ready_without_started' and value > 0 then 'Started Events are missing: the starts of these pods are known to a second, from their status.'
        when measure = 'created_without_started' and value > 0 then 'Containers were created and neither started nor failed: Events were lost, or the pod was deleted in between.'
        when measure = 'clock_skew_ms' and scope = 'server' and abs(value) >= 1000 then 'The clock of this API server differs from that of most: times that it tells are off by this much.'
        when measure = 'clock_skew_ms' and value >= 1000 then 'The clock of this node is ahead of the API server by at least this much: phases between the two look longer or shorter.'
        when measure = 'clock_skew_ms' and value <= -5000 then 'The clock of this node is behind the API server, or its kubelet reports late.'
        when measure = 'negative_phases' and value > 0 then 'Phases end before they start, beyond their uncertainty: clocks contradict each other.'
        when measure = 'unresolved_names' and value > 0 then 'Facts about pods whose UID the log never shows: they are told apart by name only.'
        when measure = 'unjoined_records' and value > 0 then 'Records of logs of your own name no pod that was known then by their address, image, container or node: they are facts about no pod, and in no phase.'
    end as note,
from complete
where value is not null
