-- One row per HyperEvent of a tracked pod inside its window (with the settling time), with the earliest moment that it may have been.
-- A fact that several hours show is one, first seen when the first of them shows it. Of an upgrade only what is about the changed containers counts.
-- inputs: hyper_events[-24h, +24h], _tracked_pods
with repeated as (
    select uid, operation, subject, detail, severity, coalesce(epoch, "at"::varchar) as epoch, min("at") as first_at
    from hyper_events
    where kind = 'Pod' and uid is not null
    group by all
    having count(*) > 1
),
told as (
    select distinct uid, operation, subject, epoch from hyper_events where kind = 'Pod' and detail = 'sidecar'
),
facts as not materialized (
    select
        pods.delivery_id, pods.kind as delivery_kind, pods.started_at, facts.* exclude (cluster, kind) replace (
            coalesce(facts.epoch, facts.at::varchar) as epoch,
            -- Neither Events nor patches tell a sidecar from other init containers; the pod's spec does.
            if(facts.detail = 'init' and list_contains(pods.sidecar_names, facts.subject), 'sidecar', facts.detail) as detail
        ),
        facts.at - to_microseconds((facts.uncertainty_ms * 1000)::bigint) as sighted_lower_at,
        repeated.first_at,
    from hyper_events as facts
    inner join _tracked_pods as pods
        on facts.uid = pods.uid
    left join repeated
        on repeated.uid = facts.uid and repeated.operation = facts.operation and repeated.subject is not distinct from facts.subject and repeated.detail is not distinct from facts.detail
        and repeated.severity is not distinct from facts.severity and repeated.epoch = coalesce(facts.epoch, facts.at::varchar)
    left join told
        on facts.detail = 'init' and told.uid = facts.uid and told.operation = facts.operation and told.subject = facts.subject and told.epoch is not distinct from facts.epoch
    where
        facts.kind = 'Pod'
        and facts.at >= pods.started_at - interval 1 minute
        and facts.at <= pods.window_end_at + interval 1 minute
        and facts.at <= pods.watermark_at + interval 1 second
        -- What a patch tells of an init container, and the whole object of a sidecar, is one fact.
        and not coalesce(facts.detail = 'init' and list_contains(pods.sidecar_names, facts.subject) and told.uid is not null, false)
),
tracked as not materialized (
    select * exclude (sighted_lower_at, first_at), case when sighted_lower_at <= "at" then sighted_lower_at end as lower_at
    from facts
    where first_at is null
    union all by name
    select
        * exclude (sighted_lower_at, first_at),
        max(sighted_lower_at) filter (sighted_lower_at <= first_at) over (partition by delivery_kind, delivery_id, operation, subject, detail, severity, epoch) as lower_at,
    from (from facts where first_at is not null)
    qualify row_number() over (partition by delivery_kind, delivery_id, operation, subject, detail, severity, epoch order by "at", observed_at, source_id, source_line) = 1
        and "at" = first_at
),
-- The changes of an upgrade, one row per container: what it ran before and what it is to run.
changes as (
    select
        delivery_id, answered_at, change.container as subject, any_value(change.state) as state, max(change.runs) as runs,
        max(change.image) as image, max(change.image_before) as image_before, bool_or(change.change = 'image') as is_image,
    from (select delivery_id, answered_at, unnest(changed) as change from _tracked_pods where kind = 'pod_upgrade')
    group by delivery_id, answered_at, change.container
),
upgrades as (
    select tracked.*, pods.answered_at, changes.* exclude (delivery_id, answered_at, subject), changes.subject is not null as is_changed
    from tracked
    inner join _tracked_pods as pods using (delivery_id)
    left join changes on changes.delivery_id = tracked.delivery_id and changes.subject = tracked.subject
    where
        tracked.delivery_kind = 'pod_upgrade' and tracked.at >= tracked.started_at
        and (changes.subject is not null or tracked.subject is null or not list_contains(coalesce(pods.container_names, []) || coalesce(pods.init_container_names, []) || coalesce(pods.sidecar_names, []), tracked.subject))
        and tracked.detail is distinct from 'ephemeral'
        -- The answer of the write itself shows the state from before.
        and not (tracked.at <= pods.answered_at and (tracked.operation like 'container:%' or tracked.operation like 'condition:%'))
),
-- Runs of before the change are no news: they have a smaller restart count, or started and ended earlier.
renewed as (
    select
        *,
        min("at") filter (operation in ('event:Started', 'container:running')) over (partition by delivery_id, subject) as restarted_at,
        row_number() over (partition by delivery_id, subject, operation order by "at", lower_at, epoch, source_id, source_line) as occurrence,
        count(*) filter (operation = 'event:Killing') over (partition by delivery_id, subject) > 0 as is_killed,
    from upgrades
    where
        not is_changed
        or case
            when operation in ('container:running', 'container:ready', 'container:started', 'container:restarted')
                then coalesce(count > runs or state = 'NeverStarted', lower_at >= started_at - interval 1 second)
            when operation = 'container:terminated' then lower_at >= started_at - interval 1 second
            else true
        end
),
-- What the change put an end to is no evidence against it.
judged as (
    select
        *,
        is_changed and case
            when operation = 'container:terminated' then occurrence = 1 and coalesce(state, 'Running') = 'Running' and (is_image or is_killed or code in (0, 143))
            when operation = 'event:Unhealthy' or reason = 'CrashLoopBackOff' or message ilike 'Back-off restarting failed%'
                then (is_image or restarted_at is not null) and coalesce("at" < restarted_at, true)
            else coalesce(contains(message, image_before) and not contains(message, image), false)
        end as is_replaced,
    from renewed
),
-- Pods that run to completion: since when all their containers have ended, and only sidecars are left for the kubelet to stop.
finished as (
    select pods.delivery_id, max(ends.at - to_microseconds((ends.uncertainty_ms * 1000)::bigint)) as "at"
    from _tracked_pods as pods
    inner join hyper_events as ends on ends.uid = pods.uid
    where pods.kind <> 'pod_upgrade' and pods.is_job and len(pods.sidecar_names) > 0 and ends.operation = 'container:terminated' and ends.detail is null
    group by pods.delivery_id, pods.container_names
    having count(distinct ends.subject) = len(pods.container_names)
)
select tracked.*, coalesce(tracked.operation = 'container:terminated' and tracked.detail = 'sidecar' and tracked.at > finished.at, false) as is_replaced
from tracked
left join finished using (delivery_id)
where tracked.delivery_kind <> 'pod_upgrade'
union all by name
select * exclude (answered_at, state, runs, image, image_before, is_image, is_changed, restarted_at, occurrence, is_killed)
from judged
