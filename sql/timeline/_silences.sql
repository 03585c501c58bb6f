-- One row per hour, node and stretch around it in which its kubelet must have spoken and is not in the log.
-- inputs: voices[-1h, +1h], hyper_events[-24h, +1h], pods[-24h, +1h], _lost_stretches, params
with hours as (
    select unnest(generate_series(params.from_at, params.to_at - interval 1 hour, interval 1 hour)) as hour_at from params
),
heard as (
    select hours.hour_at, voices.*
    from hours
    inner join voices on voices.bucket_at between hours.hour_at - interval 1 hour and hours.hour_at + interval 1 hour
    where voices.scope in ('log', 'node')
),
logs as (
    select
        hour_at, min(from_at) filter (scope = 'log') as begins_at, max(to_at) filter (scope = 'log') as ends_at,
        coalesce(bool_or(scope_value = '*') filter (scope = 'node'), false) as has_nameless_kubelets,
    from heard
    group by hour_at
),
sightings as (
    select hour_at, scope_value as node, from_at as at_least, to_at as at_most, lease_writes, status_writes from heard where scope = 'node' and scope_value <> '*'
),
-- A pod that is given to a node, or is to be stopped there: whoever runs there says something within seconds.
questions as (
    select distinct hours.hour_at, node, "at" as asked_at
    from (
        select subject as node, "at"
        from hyper_events
        where rule = 'pod_binding'
        union all
        -- A pod that is seen on its node soon after its creation was given to it just then.
        select facts.subject, facts.at
        from hyper_events as facts
        inner join (select uid, min(created_at) as created_at from pods group by uid) as made on made.uid = facts.uid and facts.at < made.created_at + interval 2 minute
        where facts.rule = 'pod_seen_bound'
        union all
        -- What has ended is deleted without grace, and without its kubelet.
        select node, "at"
        from hyper_events
        where kind = 'Pod' and operation = 'pod:delete:accepted' and try_cast(subject as double) > 0 and "user" not like 'system:node:%'
    )
    inner join hours on "at" >= hours.hour_at - interval 1 hour and "at" < hours.hour_at + interval 2 hour
    where node is not null
),
answers as (
    select
        questions.hour_at, questions.node, questions.asked_at,
        exists (
            from sightings
            where sightings.hour_at = questions.hour_at and sightings.node = questions.node and sightings.at_most >= questions.asked_at and sightings.at_least <= questions.asked_at + interval 1 minute
        ) as is_answered,
        exists (
            from sightings
            where sightings.hour_at = questions.hour_at and sightings.node = questions.node and sightings.at_most >= questions.asked_at - interval 1 minute and sightings.at_least <= questions.asked_at
        ) as is_in_touch,
    from questions
),
-- What the log holds of kubelets: whether one that was heard just before is heard again, and how long one that is at work can be silent.
habits as (
    select hour_at, bool_or(questions >= 3 and answered >= 0.8 * questions) as shows_answers
    from (select hour_at, node, count(*) as questions, count(*) filter (is_answered) as answered from answers where is_in_touch group by hour_at, node)
    group by hour_at
),
rhythms as (
    select
        hour_at,
        least(
            if(max(lease_writes) >= 10, greatest(interval 90 second, to_microseconds((6 * median(us_between(first_at, last_at) / (lease_writes - 1)) filter (lease_writes >= 10))::bigint)), interval 24 hour),
            if(max(status_writes) >= 3, interval 11 minute, interval 24 hour)
        ) as patience,
    from (
        select hour_at, node, sum(lease_writes) as lease_writes, sum(status_writes) as status_writes, min(at_least) as first_at, max(at_most) as last_at
        from sightings
        group by hour_at, node
    )
    group by hour_at
),
candidates as (
    select hour_at, node, at_most as from_at, lead(at_least) over (partition by hour_at, node order by at_least) as to_at, false as is_before
    from sightings
    union all
    -- Before it is heard for the first time, and after the last.
    select nodes.hour_at, nodes.node, logs.begins_at, coalesce(nodes.first_at, logs.ends_at), true
    from (
        select hour_at, node, min(at_least) as first_at
        from (select hour_at, node, at_least from sightings union all select hour_at, node, null from questions)
        group by hour_at, node
    ) as nodes
    inner join logs using (hour_at)
    where nodes.first_at is not null or not logs.has_nameless_kubelets
    union all
    select nodes.hour_at, nodes.node, nodes.last_at, logs.ends_at, false
    from (select hour_at, node, max(at_most) as last_at from sightings group by hour_at, node) as nodes
    inner join logs using (hour_at)
),
-- A node that is not ready by its kubelet's own word is not silent; one that is unknown is, since a while before the node controller says so and until somebody says that it is back.
told as (
    select name as node, "at", operation
    from hyper_events
    where
        kind = 'Node'
        and (
            operation in ('node:condition:Ready:true', 'node:condition:Ready:false', 'node:condition:Ready:unknown', 'node:deleted', 'event:NodeNotReady')
            or (operation = 'node:tainted' and subject = 'node.kubernetes.io/unreachable')
        )
    union all
    -- To a node that is gone only the pods of daemons are bound.
    select bindings.subject, bindings.at, 'node:condition:Ready:true'
    from hyper_events as bindings
    anti join (from pods where is_daemon) as daemons using (uid)
    where bindings.rule = 'pod_binding' and bindings.subject is not null
),
words as (
    select told.node, told.at, told.operation in ('node:condition:Ready:unknown', 'node:deleted', 'event:NodeNotReady', 'node:tainted') as is_dead
    from told
    -- The Event is the same for both.
    where not (
        told.operation = 'event:NodeNotReady'
        and exists (from told as states where states.node = told.node and states.operation = 'node:condition:Ready:false' and states.at between told.at - interval 1 minute and told.at + interval 1 minute)
    )
),
dead as (
    select
        node, "at", "at" - interval 3 minute as from_at,
        coalesce(min(case when not is_dead then "at" end) over (partition by node order by "at" rows between 1 following and unbounded following), 'infinity') as to_at,
    from words
    qualify is_dead
),
-- Nobody is heard by an API server that does not run.
excused as (
    select candidates.hour_at, candidates.node, candidates.from_at as silent_from_at, greatest(dead.from_at, candidates.from_at) as from_at, least(dead.to_at, candidates.to_at) as to_at, 1 as deaths, 0 as outages
    from candidates
    inner join dead on dead.node = candidates.node and dead.from_at < candidates.to_at and dead.to_at > candidates.from_at and dead.at >= candidates.hour_at - interval 24 hour
    union all
    select
        candidates.hour_at, candidates.node, candidates.from_at,
        greatest(pauses.lost_from_at - interval 30 second, candidates.from_at), least(pauses.lost_to_at + interval 30 second, candidates.to_at), 0, 1,
    from candidates
    inner join _lost_stretches as pauses on pauses.hour_at = candidates.hour_at and pauses.is_outage and pauses.lost_from_at < candidates.to_at and pauses.lost_to_at > candidates.from_at
),
edges as (
    select hour_at, node, silent_from_at, from_at as edge_at, deaths, outages from excused where from_at < to_at
    union all
    select hour_at, node, silent_from_at, to_at, -deaths, -outages from excused where from_at < to_at
    union all
    select hour_at, node, from_at, unnest([from_at, to_at]), 0, 0 from candidates where from_at < to_at
),
stretches as (
    select
        hour_at, node, silent_from_at, edge_at as from_at, lead(edge_at) over by_edge as to_at, sum(deaths) over by_edge as deaths, sum(outages) over by_edge as outages,
    from (select hour_at, node, silent_from_at, edge_at, sum(deaths) as deaths, sum(outages) as outages from edges group by all)
    window by_edge as (partition by hour_at, node, silent_from_at order by edge_at)
),
-- A silence goes on beyond an outage, but not beyond a death.
pieces as (
    select *, sum((deaths > 0)::integer) over (partition by hour_at, node, silent_from_at order by from_at) as life
    from stretches
    where to_at is not null
),
-- The first question that nobody in the log answers.
asked as (
    select pieces.hour_at, pieces.node, pieces.from_at, min(questions.asked_at) as asked_at
    from pieces
    inner join questions on questions.hour_at = pieces.hour_at and questions.node = pieces.node and questions.asked_at >= pieces.from_at and questions.asked_at < pieces.to_at - interval 1 minute
    where pieces.deaths = 0 and pieces.outages = 0
    group by pieces.hour_at, pieces.node, pieces.from_at
),
proven as (
    select
        pieces.*,
        pieces.outages = 0 and (
            (asked.asked_at is not null and coalesce(habits.shows_answers, false))
            -- That the node is back only its kubelet can have said.
            or (pieces.life > 0 and pieces.to_at > pieces.from_at + interval 20 second)
            -- Before it was heard for the first time a node may not have been there.
            or (coalesce(pieces.to_at > pieces.from_at + rhythms.patience, false) and (not candidates.is_before or asked.asked_at is not null))
        ) as is_proven,
    from pieces
    left join habits using (hour_at)
    left join rhythms using (hour_at)
    left join asked using (hour_at, node, from_at)
    left join (select hour_at, node, from_at as silent_from_at, bool_and(is_before) as is_before from candidates group by all) as candidates using (hour_at, node, silent_from_at)
    where pieces.deaths = 0
)
select hour_at, node, min(from_at) as silent_from_at, max(to_at) as silent_to_at
from proven
group by hour_at, node, proven.silent_from_at, life
having bool_or(is_proven)
