-- One row per hour and fact: whether this hour's log can give the fact at all, from what and how well.
-- grain: hour
-- inputs: audit_events[0h, 0h], k8s_events[0h, 0h], objects[0h, 0h], log_gaps[0h, 0h], _copies, _generated_pods, absent_columns, params
with hours as (
    select unnest(generate_series(params.from_at, params.to_at - interval 1 hour, interval 1 hour)) as bucket_at from params
),
facts as (
    select * from (values
        ('pod_created', 'names and owners of created pods; their start is known to 1 s from creationTimestamp at best', 'owners, images and containers of pods'),
        ('pod_bound', 'when pods were bound, to better than 1 s', 'to which node pods were bound'),
        ('pod_status', 'readiness, container states and errors of pods', null),
        ('pod_deleted', 'who deleted pods, and when', 'how long pods were given to stop, and which of them a collection deleted'),
        ('events', 'image pulls, probes, mounts, sandboxes and scheduling errors as the kubelet and the scheduler tell them', null),
        ('nodes', 'whether nodes were ready', null),
        ('kubelets', 'what kubelets did: first signs, states and removals of pods', null),
        ('pvcs', 'when claims were bound', null),
        ('workloads', 'the Deployment or CronJob above a pod', null),
        ('api_calls', 'counts and latencies of API calls', null),
        ('latency', 'what a slow API call waited for', null)
    ) as facts (fact, loss, loss_without_body)
),
lines as not materialized (
    from audit_events anti join _copies using (source_id, source_line)
),
-- What writes the status of nodes and of pods plays a kubelet, whatever it is called: virtual kubelets, KWOK.
node_writers as (
    select distinct hour_of(stage_at) as bucket_at, coalesce(impersonated_user, "user") as "user"
    from audit_events
    where resource = 'nodes' and subresource = 'status' and verb in ('patch', 'update')
),
requests as materialized (
    select
        hour_of(stage_at) as bucket_at,
        case
            when resource = 'pods' and subresource is null and verb in ('create', 'patch') and (verb = 'create' or code = 201) then 'pod_created'
            when resource = 'pods' and subresource = 'binding' then 'pod_bound'
            -- What the scheduler and the controllers write of a pod says nothing of its containers.
            when resource = 'pods' and subresource = 'status' and control_plane_part("user") is not null then null
            when resource = 'pods' and subresource = 'status' then 'pod_status'
            when resource = 'pods' and (verb in ('delete', 'deletecollection') or subresource = 'eviction') then 'pod_deleted'
            -- Kubelets write to the core API; a policy that leaves its Events out may have forgotten those that schedulers write to events.k8s.io.
            when resource = 'events' and nullif(api_group, '') is null then 'events'
            when resource = 'nodes' then 'nodes'
            when resource = 'persistentvolumeclaims' then 'pvcs'
            when api_group in ('apps', 'batch') then 'workloads'
        end as fact,
        level, is_truncated, verb, resource, code, name is not null as has_name,
        body_table is not null or response_body is not null as has_answer,
        -- What a request about a pod, its node or its claim says is known of it; of anything else only the answer shows the object.
        has_answer or (request_body is not null and (resource in ('pods', 'nodes', 'persistentvolumeclaims') or verb = 'delete')) as has_body,
        annotations like '%apiserver.latency.k8s.io%' as has_latency,
        received_at is not null as has_start, request_uri is not null or received_at is not null as has_uri,
        coalesce(coalesce(impersonated_user, "user") like 'system:node:%', false)
            or coalesce(fact = 'pod_status' and verb in ('patch', 'update') and (hour_of(stage_at), coalesce(impersonated_user, "user")) in (from node_writers), false) as is_kubelets,
        coalesce(code between 200 and 299, false) and not coalesce(is_dry_run, false) as is_accepted,
    from lines
    -- A dry run is no fact.
    where stage in ('ResponseComplete', 'Panic') and not coalesce(is_dry_run, false)
),
audited as (
    select bucket_at, fact, 'audit' as source, count(*) as rows_seen, count(*) filter (has_body) as rows_with_body, count(*) filter (is_truncated) as rows_truncated, max(level) as best_level,
        count(*) filter (not has_start) as rows_without_start, count(*) filter (not has_uri) as rows_without_uri,
    from requests
    -- A read shows what the writes have made; it is none of them.
    where fact is not null and (fact not in ('pod_status', 'nodes', 'pvcs', 'workloads', 'events') or verb not in ('get', 'list', 'watch') or has_answer)
    group by bucket_at, fact
    union all
    select bucket_at, 'api_calls', 'audit', count(*), count(*) filter (has_start), 0, max(level), count(*) filter (not has_start), 0
    from requests
    group by bucket_at
    union all
    select bucket_at, 'latency', 'audit', count(*) filter (has_latency), count(*) filter (has_latency), 0, max(level), 0, 0
    from requests
    group by bucket_at
    union all
    select bucket_at, 'kubelets', 'audit', count(*), count(*), 0, max(level), 0, 0
    from requests
    where is_kubelets
    group by bucket_at
),
told as (
    select hour_of(partition_at) as bucket_at, 'events' as fact, 'event' as source, count(*) as rows_seen, count(*) as rows_with_body, 0 as rows_truncated, null as best_level
    from k8s_events
    -- What is written to events.k8s.io has no first time.
    where origin <> 'audit' or first_at is not null
    group by bucket_at
    union all
    select hour_of(partition_at), 'pod_bound', 'event', count(*), count(*), 0, null
    from k8s_events
    where reason = 'Scheduled'
    group by all
),
snapshots as (
    select
        hour_of(observed_at) as bucket_at,
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
        hours.bucket_at, facts.fact, facts.loss, coalesce(facts.loss_without_body, facts.loss) as loss_without_body,
        -- When a pod was bound or deleted, and by whom, names and times alone tell.
        coalesce(sum(if(facts.fact in ('pod_bound', 'pod_deleted'), rows_seen, rows_with_body)), 0) > 0 as is_covered,
        coalesce(sum(rows_seen), 0) as rows_seen, coalesce(sum(rows_with_body), 0) as rows_with_body, coalesce(sum(rows_truncated), 0) as rows_truncated,
        coalesce(sum(rows_seen - rows_with_body) filter (seen.source = 'audit'), 0) as rows_without_body, coalesce(sum(rows_seen) filter (seen.source = 'audit'), 0) as audit_rows,
        coalesce(sum(rows_without_start), 0) as rows_without_start, coalesce(sum(rows_without_uri), 0) as rows_without_uri,
        max(best_level) as best_level,
        arg_min(seen.source, case seen.source when 'audit' then 1 when 'event' then 2 else 3 end) filter (if(facts.fact in ('pod_bound', 'pod_deleted'), rows_seen, rows_with_body) > 0) as best_source,
    from hours
    cross join facts
    left join seen on seen.bucket_at = hours.bucket_at and seen.fact = facts.fact
    group by hours.bucket_at, facts.fact, facts.loss, facts.loss_without_body
),
-- Creates of generated names that no answer names: some are found by what came of them.
anonymous as (
    select
        requests.bucket_at, count(*) as creates,
        coalesce(any_value(found.pods), 0) as found,
    from requests
    left join (select hour_at, count(*) as pods from _generated_pods group by hour_at) as found on found.hour_at = requests.bucket_at
    where requests.fact = 'pod_created' and requests.is_accepted and not requests.has_name and not requests.has_answer
    group by requests.bucket_at
),
-- Who is not in the log for a while: the longest of each kind by name, all of them in `log_gaps`.
gaps as (
    select
        *, case scope when 'node' then 'kubelets' when 'scheduler' then 'pod_bound' when 'creates' then 'pod_created' else 'api_calls' end as fact,
        case scope when 'node' then 'the kubelet of ' || scope_value when 'server' then 'the API server ' || scope_value when 'scheduler' then 'bindings' when 'creates' then 'creates' else 'everybody' end
            || strftime(from_at at time zone 'UTC', ' (%H:%M:%S') || strftime(to_at at time zone 'UTC', ' to %H:%M:%S)') as text,
        row_number() over (partition by bucket_at, scope order by from_at - to_at, scope_value, from_at) as place,
    from log_gaps
),
missing_lines as (
    select
        bucket_at, fact,
        'lines are missing of ' || string_agg(text, ', ' order by scope, place) filter (place <= 5) || if(count(*) filter (place > 5) > 0, ' and ' || count(*) filter (place > 5) || ' more', '')
            || if(fact = 'api_calls', '', ': collect the logs of all API servers; what they would have told is not judged') as text,
    from gaps
    group by bucket_at, fact
)
select
    params.cluster, summed.bucket_at, summed.fact, summed.is_covered, summed.best_source, summed.best_level,
    summed.rows_seen, summed.rows_with_body, summed.rows_truncated,
    nullif(concat_ws(
        '; ',
        case
            when summed.rows_seen = 0 then 'nothing was logged: ' || summed.loss
            when summed.fact = 'api_calls' then if(summed.rows_without_start > 0, summed.rows_without_start || ' of ' || summed.audit_rows || ' say no time of arrival: latencies of API calls', null)
            when summed.rows_with_body = 0 or (summed.best_source = 'audit' and summed.rows_without_body = summed.audit_rows) then 'logged without bodies: ' || summed.loss_without_body
            when summed.best_source = 'audit' and summed.rows_without_body > summed.rows_truncated and summed.fact in ('pod_created', 'pod_status', 'pod_bound', 'pod_deleted')
                then (summed.rows_without_body - summed.rows_truncated) || ' of ' || summed.audit_rows || ' were logged without bodies: ' || summed.loss_without_body
        end,
        case when summed.rows_truncated > 0 then summed.rows_truncated || ' bodies were dropped for their size' end,
        -- GKE's entries have one time and no URI.
        case when summed.fact <> 'api_calls' and summed.rows_without_start > 0 then summed.rows_without_start || ' of ' || summed.audit_rows || ' say no time of arrival: they were asked for before their answer, by how much cannot be told' end,
        case when summed.fact in ('pod_created', 'pod_deleted') and summed.rows_without_uri > 0 then summed.rows_without_uri || ' of ' || summed.audit_rows || ' say no URI: dry runs count as real' end,
        case when summed.fact = 'pod_created' and anonymous.creates > anonymous.found then (anonymous.creates - anonymous.found) || ' pods with generated names cannot be told: their creates name none' end,
        case when summed.fact = 'pod_created' and anonymous.found > 0 then anonymous.found || ' pods with generated names were found by their binding: their start is known as well as creates of one prefix lie together' end,
        missing_lines.text
    ), '') as missing,
from summed
cross join params
left join anonymous on summed.fact = 'pod_created' and anonymous.bucket_at = summed.bucket_at
left join missing_lines on missing_lines.bucket_at = summed.bucket_at and missing_lines.fact = summed.fact
union all by name
-- What a file of an older version does not have is null in it.
select
    params.cluster, absent.bucket_at, 'columns' as fact, false as is_covered, 0 as rows_seen, 0 as rows_with_body, 0 as rows_truncated,
    'files that an older version wrote lack ' || string_agg(absent.column_name, ', ' order by absent.column_name) || ': ingest their sources again' as missing,
from absent_columns as absent
cross join params
group by params.cluster, absent.bucket_at
