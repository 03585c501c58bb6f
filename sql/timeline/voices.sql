-- One row per stretch of an hour in which the audit log hears somebody without a pause: a node's kubelet, a scheduler, a server, anybody.
-- grain: hour
-- inputs: audit_events[0h, 0h], _copies, params
--
-- Reads count as well as writes, and a request as well as its answer; of a scheduler only its bindings do: those who stand by read what its leader does.
with lines as materialized (
    select
        hour_of(stage_at) as bucket_at, second_of(stage_at) as second_at, stage_at, server,
        coalesce(verb in ('create', 'update', 'patch'), false) and stage = 'ResponseComplete' and coalesce(code between 200 and 299, true) as is_write,
        case when is_write and resource not in ('events', 'leases') and (api_group is null or api_group in ('apps', 'batch')) then resource_version end as version,
        -- Whose connection it is, whatever name is used over it.
        "user",
        verb in ('create', 'update', 'patch') and control_plane_part("user") is null as may_be_kubelets,
        case
            when "user" like 'system:node:%' then substr("user", 13)
            when not may_be_kubelets then null
            when resource = 'leases' and namespace = 'kube-node-lease' then name
            when resource = 'nodes' and subresource = 'status' then name
            when resource = 'pods' and subresource = 'status' then '*'
        end as node,
        coalesce(is_write and resource = 'leases' and namespace = 'kube-node-lease', false) as is_lease,
        coalesce(is_write and resource = 'nodes' and subresource = 'status', false) as is_status,
        resource = 'pods' and subresource is null and stage = 'ResponseComplete' and not coalesce(is_dry_run, false) and ((verb = 'create' and is_write) or (verb = 'patch' and code = 201)) as is_create,
        verb = 'create' and resource = 'pods' and subresource = 'binding' as is_binding,
    from audit_events anti join _copies using (source_id, source_line)
),
heard as (
    select bucket_at, second_at, stage_at, 'log' as scope, '*' as scope_value, false as is_lease, false as is_status, version from lines
    union all
    select bucket_at, second_at, stage_at, 'server', server, false, false, null from lines where server is not null
    union all
    select bucket_at, second_at, stage_at, 'node', node, is_lease, is_status, null from lines where node is not null
    union all
    select bucket_at, second_at, stage_at, 'creates', '*', false, false, null from lines where is_create
    union all
    select bucket_at, second_at, stage_at, 'scheduler', "user", false, false, null from lines where is_binding and "user" is not null
),
-- Pauses matter from 20 s up, so each second needs only its ends.
seconds as (
    select
        bucket_at, scope, scope_value, second_at, min(stage_at) as first_at, max(stage_at) as last_at, count(*) as lines,
        count(*) filter (is_lease) as lease_writes, count(*) filter (is_status) as status_writes,
        max(version) as version,
    from heard
    group by all
),
numbered as (
    select *, sum(is_new::integer) over by_time as stretch
    from (
        select *, coalesce(first_at >= lag(last_at) over by_time + interval 20 second, true) as is_new
        from seconds
        window by_time as (partition by bucket_at, scope, scope_value order by second_at)
    )
    window by_time as (partition by bucket_at, scope, scope_value order by second_at)
),
begun as (
    select
        *, min(first_at) over by_stretch as from_at,
        count(version) over (by_stretch order by second_at rows between unbounded preceding and current row) as writes,
    from numbered
    window by_stretch as (partition by bucket_at, scope, scope_value, stretch)
)
select
    params.cluster, begun.bucket_at, begun.scope, begun.scope_value, begun.from_at, max(last_at) as to_at, sum(lines) as lines, sum(lease_writes) as lease_writes, sum(status_writes) as status_writes,
    -- A write that changes nothing answers with a version of old: the middle of three is of its time.
    quantile_disc(version, 0.5) filter (writes <= 3) as first_version, min(last_at) filter (version is not null) as first_version_at,
    max(version) as last_version, arg_max(last_at, (version, last_at)) filter (version is not null) as last_version_at,
from begun
cross join params
group by params.cluster, begun.bucket_at, begun.scope, begun.scope_value, begun.stretch, begun.from_at
