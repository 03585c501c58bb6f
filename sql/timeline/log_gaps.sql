-- One row per stretch of an hour in which lines must be missing: who was at work while the log does not hold it.
-- grain: hour
-- inputs: voices[-1h, +1h], _lost_stretches, _silences, _unlogged_bindings, _unlogged_creates, params
--
-- Silence alone proves nothing. A kubelet renews its lease every 10 s and writes its node's status every 5 minutes, where that is logged, and the node controller says so when
-- it stops; without such a rhythm a kubelet must never be heard, while pods are bound to its node and other kubelets are heard.
with found as (
    select
        hour_at, 'node' as scope, node as scope_value, silent_from_at as from_at, silent_to_at as to_at,
        'the kubelet of ' || node || ' is not in the log, and nobody says that the node is not ready: the log of the API server that it is connected to is missing' as message,
    from _silences
    union all
    select
        hour_at, 'log', '*', lost_from_at, lost_to_at,
        'nobody is in the log, but ' || versions || ' versions were written meanwhile: a file is missing',
    from _lost_stretches
    where is_lost
    union all
    select
        hour_at, 'scheduler', '*', from_at, to_at,
        pods || ' pods were given to kubelets, but no binding is in the log: the log of the API server that the scheduler is connected to is missing, or the policy leaves bindings out',
    from _unlogged_bindings
    union all
    select
        hour_at, 'creates', '*', from_at, to_at,
        pods || ' pods were made whose creates are not in the log: the log of the API server that those who made them are connected to is missing, or the policy leaves them out',
    from _unlogged_creates
),
-- A server that is heard before and after, as others are meanwhile.
servers as (
    select
        hours.hour_at, voices.scope_value, voices.to_at as from_at, lead(voices.from_at) over by_time as to_at,
        sum(voices.lines) over (partition by hours.hour_at, voices.scope_value) as lines,
    from (select unnest(generate_series(params.from_at, params.to_at - interval 1 hour, interval 1 hour)) as hour_at from params) as hours
    inner join voices on voices.bucket_at between hours.hour_at - interval 1 hour and hours.hour_at + interval 1 hour
    where voices.scope = 'server'
    window by_time as (partition by hours.hour_at, voices.scope_value order by voices.from_at)
),
silent_servers as (
    select
        servers.hour_at, 'server' as scope, servers.scope_value, servers.from_at, servers.to_at,
        'the API server ' || servers.scope_value || ' is not in the log, while others are: it was down, or its file is missing' as message,
    from servers
    where
        servers.to_at > servers.from_at + interval 2 minute and servers.lines >= 600
        and exists (
            from voices as others
            where others.scope = 'server' and others.scope_value <> servers.scope_value and others.from_at < servers.to_at and others.to_at > servers.from_at
        )
),
cut as (
    select hour_at as bucket_at, scope, scope_value, greatest(from_at, hour_at) as from_at, least(to_at, hour_at + interval 1 hour) as to_at, message
    from (from found union all by name from silent_servers)
)
select params.cluster, cut.*
from cut
cross join params
where cut.from_at < cut.to_at
