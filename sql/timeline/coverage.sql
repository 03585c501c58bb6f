-- One row per hour and fact: whether this hour's log can give the fact at all, from what and how well.
-- grain: hour
-- inputs: audit_events[0h, 0h], k8s_events[0h, 0h], objects[0h, 0h], params
with hours as (
    select unnest(generate_series(params.from_at, params.to_at - interval 1 hour, interval 1 hour)) as bucket_at from params
),
facts as (
    select * from (values
        ('pod_created', 'audit', 'names and owners of created pods; their start is known to 1 s from creationTimestamp at best'),
        ('pod_bound', 'audit', 'when pods were bound, to better than 1 s'),
        ('pod_status', 'audit', 'readiness, container states and errors of pods'),
        ('pod_deleted', 'audit', 'who deleted pods, and when'),
        ('events', 'event', 'image pulls, probes, mounts, sandboxes and scheduling errors as the kubelet and the scheduler tell them'),
        ('nodes', 'audit', 'whether nodes were ready'),
        ('pvcs', 'audit', 'when claims were bound'),
        ('workloads', 'audit', 'the Deployment or CronJob above a pod'),
        ('api_calls', 'audit', 'counts and latencies of API calls'),
        ('latency', 'audit', 'what a slow API call waited for')
    ) as facts (fact, source, loss)
),
requests as (
    select
        date_trunc('hour', stage_at) as bucket_at,
        case
            when resource = 'pods' and subresource is null and verb in ('create', 'patch') and (verb = 'create' or code = 201) then 'pod_created'
            when resource = 'pods' and subresource = 'binding' then 'pod_bound'
            when resource = 'pods' and subresource = 'status' then 'pod_status'
            when resource = 'pods' and (verb in ('delete', 'deletecollection') or subresource = 'eviction') then 'pod_deleted'
            when resource = 'events' then 'events'
            when resource = 'nodes' then 'nodes'
            when resource = 'persistentvolumeclaims' then 'pvcs'
            when api_group in ('apps', 'batch') then 'workloads'
        end as fact,
        level, is_truncated,
        -- A delete, a binding and an eviction say it all in the request; of anything else only the answer shows the object.
        body_table is not null or response_body is not null or (request_body is not null and ((resource = 'pods' and subresource in ('binding', 'eviction', 'status')) or verb = 'delete')) as has_body,
        annotations like '%apiserver.latency.k8s.io%' as has_latency,
        received_at is not null as has_start,
    from audit_events
    where stage in ('ResponseComplete', 'Panic')
),
audited as (
    select bucket_at, fact, 'audit' as source, count(*) as rows_seen, count(*) filter (has_body) as rows_with_body, count(*) filter (is_truncated) as rows_truncated, max(level) as best_level
    from requests
    where fact is not null
    group by bucket_at, fact
    union all
    select bucket_at, 'api_calls', 'audit', count(*), count(*) filter (has_start), 0, max(level)
    from requests
    group by bucket_at
    union all
    select bucket_at, 'latency', 'audit', count(*) filter (has_latency), count(*) filter (has_latency), 0, max(level)
    from requests
    group by bucket_at
),
told as (
    select date_trunc('hour', partition_at) as bucket_at, 'events' as fact, 'event' as source, count(*) as rows_seen, count(*) as rows_with_body, 0 as rows_truncated, null as best_level
    from k8s_events
    group by bucket_at
    union all
    select date_trunc('hour', partition_at), 'pod_bound', 'event', count(*), count(*), 0, null
    from k8s_events
    where reason = 'Scheduled'
    group by all
),
snapshots as (
    select
        date_trunc('hour', observed_at) as bucket_at,
        unnest(case kind when 'Pod' then ['pod_created', 'pod_bound', 'pod_status', 'pod_deleted'] when 'Node' then ['nodes'] when 'PersistentVolumeClaim' then ['pvcs'] else ['workloads'] end) as fact,
        'snapshot' as source,
    from objects
    where origin <> 'audit'
),
seen as (
    select * from audited
    union all by name
    select * from told
    union all by name
    select bucket_at, fact, source, count(*) as rows_seen, count(*) as rows_with_body, 0 as rows_truncated, null as best_level
    from snapshots
    group by bucket_at, fact, source
),
summed as (
    select
        hours.bucket_at, facts.fact, facts.loss,
        coalesce(sum(rows_seen), 0) as rows_seen, coalesce(sum(rows_with_body), 0) as rows_with_body, coalesce(sum(rows_truncated), 0) as rows_truncated,
        max(best_level) as best_level,
        arg_min(seen.source, case seen.source when 'audit' then 1 when 'event' then 2 else 3 end) filter (rows_with_body > 0) as best_source,
    from hours
    cross join facts
    left join seen on seen.bucket_at = hours.bucket_at and seen.fact = facts.fact
    group by hours.bucket_at, facts.fact, facts.loss
)
select
    params.cluster, summed.bucket_at, summed.fact, summed.rows_with_body > 0 as is_covered, summed.best_source, summed.best_level,
    summed.rows_seen, summed.rows_with_body, summed.rows_truncated,
    case
        when summed.rows_seen = 0 then 'nothing was logged: ' || summed.loss
        when summed.rows_with_body = 0 then 'logged without bodies: ' || summed.loss
        when summed.rows_truncated > 0 then summed.rows_truncated || ' bodies were dropped for their size'
    end as missing,
from summed
cross join params
