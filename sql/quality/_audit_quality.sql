-- What the audit log of each hour says about itself: rows, gaps, disorder, duplicates, truncation and requests without an answer.
-- inputs: audit_events[-1h, +1h]
--
-- Each measure looks at its own hour and one hour around it, so that it does not depend on which hours are computed together.
with requests as (
    select
        cluster, hour_of(stage_at) as bucket_at, source_id, source_line, audit_id, stage, stage_at, source_ip, verb, subresource, is_truncated,
    from audit_events
),
per_source as (
    select
        cluster, bucket_at, source_id,
        count(*) as audit_rows,
        count(*) filter (is_truncated) as audit_truncated,
    from requests
    group by all
),
-- The log is written in the order of completion, so a line can be older than the furthest instant before it.
behind as (
    select
        cluster, bucket_at, source_id,
        stage_at < max(stage_at) over (
            partition by source_id, bucket_at order by source_line rows between unbounded preceding and 1 preceding
        ) as is_behind,
    from requests
),
disorder as (
    select cluster, bucket_at, source_id, count(*) filter (is_behind) as audit_out_of_order
    from behind
    group by all
),
-- Gaps matter from a second up, so each second needs only its ends.
seconds as (
    select cluster, second_of(stage_at) as second_at, min(stage_at) as first_at, max(stage_at) as last_at
    from requests
    group by all
),
gaps as (
    select cluster, hour_of(second_at) as bucket_at, first_at, lag(last_at) over (partition by cluster order by second_at) as previous_at
    from seconds
),
longest_gaps as (
    select cluster, bucket_at, max(epoch_us(first_at) - epoch_us(previous_at)) / 1e6 as audit_gap_max_s
    from gaps
    where previous_at >= bucket_at - interval 1 hour
    group by all
),
-- Few requests have lines in several sources.
spread as (
    select audit_id
    from requests
    where audit_id is not null
    group by audit_id
    having min(source_id) <> max(source_id)
),
repeated as (
    -- An aggregated API's server logs the request too, under the same auditID: as it came from the other server.
    select cluster, bucket_at, audit_id, stage, stage_at, source_ip, count(*) - 1 as repeats
    from requests
    semi join spread using (audit_id)
    group by all
    having min(source_id) <> max(source_id)
),
duplicates as (
    select cluster, bucket_at, sum(repeats) as audit_duplicates_across_sources
    from repeated
    group by all
),
-- Watches and streams are answered when they end, which can be hours later.
asked as (
    select cluster, bucket_at, audit_id
    from requests
    where stage = 'RequestReceived' and verb <> 'watch' and coalesce(subresource, '') not in ('exec', 'attach', 'portforward', 'log', 'proxy')
),
answered as (
    select distinct audit_id, unnest([bucket_at, bucket_at - interval 1 hour]) as bucket_at
    from requests
    semi join asked using (audit_id)
    where stage <> 'RequestReceived'
),
-- A log without RequestReceived lines (left out by the audit policy or by our filters) cannot tell: no row, rather than 0.
unanswered as (
    select asked.cluster, asked.bucket_at, count(*) filter (answered.audit_id is null) as audit_unanswered
    from asked
    left join answered using (audit_id, bucket_at)
    group by all
),
per_cluster as (
    select
        cluster, bucket_at,
        sum(audit_rows) as audit_rows,
        sum(audit_truncated) as audit_truncated,
        sum(audit_out_of_order) as audit_out_of_order,
    from per_source
    join disorder using (cluster, bucket_at, source_id)
    group by all
)
select cluster, bucket_at, 'source' as scope, source_id as scope_value, unnest([
    struct_pack(measure := 'audit_rows', value := cast(audit_rows as double)),
    struct_pack(measure := 'audit_out_of_order', value := audit_out_of_order)
], recursive := true)
from per_source
join disorder using (cluster, bucket_at, source_id)
union all by name
select cluster, bucket_at, 'cluster' as scope, cluster as scope_value, unnest([
    struct_pack(measure := 'audit_rows', value := cast(audit_rows as double)),
    struct_pack(measure := 'audit_out_of_order', value := audit_out_of_order),
    struct_pack(measure := 'audit_truncated', value := audit_truncated),
    struct_pack(measure := 'audit_gap_max_s', value := audit_gap_max_s),
    struct_pack(measure := 'audit_duplicates_across_sources', value := coalesce(audit_duplicates_across_sources, 0)),
    struct_pack(measure := 'audit_unanswered', value := audit_unanswered)
], recursive := true)
from per_cluster
left join longest_gaps using (cluster, bucket_at)
left join duplicates using (cluster, bucket_at)
left join unanswered using (cluster, bucket_at)
