-- One row per moment that a phase may start or end at: milestones of the pod, and what happens to its containers, volumes and finalizers.
-- inputs: _tracked_pods, _tracked_facts, _container_starts, _container_ends, _container_steps, _node_losses, _judged_creates, _judged_deletes, _upgrade_anchors, _claim_anchors, phase_rules
with last_starts as (
    select starts.delivery_id, starts.container, max(starts.at) as "at"
    from _container_starts as starts
    inner join _judged_creates as creates using (delivery_id)
    where list_contains(creates.container_names, starts.container) and starts.at <= creates.judged_until_at
    group by starts.delivery_id, starts.container
),
-- Of a pod that never was Ready: since when all of its containers run, if they do.
running as (
    select last_starts.delivery_id, max(last_starts.at) as all_run_at
    from last_starts
    left join _container_ends as ends
        on ends.delivery_id = last_starts.delivery_id and ends.container = last_starts.container
        and ends.at >= last_starts.at and ends.lower_at >= last_starts.at - interval 1 second and not ends.is_bounded
    group by last_starts.delivery_id
    having count(ends.container) = 0
),
-- A pod waits for its last gate; one that is bound has none left, whatever the log shows.
gates as (
    select
        facts.delivery_id, min(facts.at) filter (facts.operation = 'pod:gated') as gated_at,
        case
            when count(distinct facts.subject) filter (facts.operation = 'pod:gated') <= count(distinct facts.subject) filter (facts.operation = 'pod:ungated') then max(facts.at) filter (facts.operation = 'pod:ungated')
            else any_value(creates.bound.at)
        end as ungated_at,
    from _tracked_facts as facts
    inner join _judged_creates as creates using (delivery_id)
    where facts.operation in ('pod:gated', 'pod:ungated')
    group by facts.delivery_id
),
creates as (
    select
        *,
        exists (
            from _tracked_facts as facts
            where facts.delivery_id = _judged_creates.delivery_id and facts.operation = 'event:FailedMount'
                and facts.at >= kubelet_ack.at and facts.at <= coalesce(sandbox_ready.at, judged_until_at)
        ) as had_mount_trouble,
        (
            select max(facts.at) from _tracked_facts as facts
            where facts.delivery_id = _judged_creates.delivery_id and facts.operation = 'event:SuccessfulAttachVolume' and facts.at <= coalesce(sandbox_ready.at, judged_until_at)
        ) as attached_at,
        gates.gated_at, gates.ungated_at,
        ready.at - to_microseconds((ready.uncertainty_ms * 1000)::bigint) as ready_from_at,
        case when containers_started is not null then all_run_at end as all_run_at,
    from _judged_creates
    left join running using (delivery_id)
    left join gates using (delivery_id)
),
create_points as (
    select delivery_id, kind, unnest([
        {'anchor': 'created', 'at': case when not left_censored then started_at end, 'uncertainty_ms': 0.0},
        {'anchor': 'answered', 'at': case when not left_censored then started_at + to_microseconds((started_uncertainty_ms * 1000)::bigint) end, 'uncertainty_ms': 0.0},
        {'anchor': 'gated', 'at': case when gated_at is not null then started_at end, 'uncertainty_ms': 0.0},
        {'anchor': 'ungated', 'at': ungated_at, 'uncertainty_ms': 0.0},
        {'anchor': 'schedulable', 'at': case when gated_at is null then started_at else ungated_at end, 'uncertainty_ms': case when left_censored then started_uncertainty_ms else 0.0 end},
        {'anchor': 'bound', 'at': bound.at, 'uncertainty_ms': bound.uncertainty_ms},
        {'anchor': 'acknowledged', 'at': kubelet_ack.at, 'uncertainty_ms': kubelet_ack.uncertainty_ms},
        {'anchor': 'mount_started', 'at': case when had_mount_trouble then kubelet_ack.at end, 'uncertainty_ms': kubelet_ack.uncertainty_ms},
        {'anchor': 'sandbox_started', 'at': case when not had_mount_trouble then greatest(kubelet_ack.at, coalesce(attached_at, kubelet_ack.at)) end, 'uncertainty_ms': kubelet_ack.uncertainty_ms},
        {'anchor': 'sandbox_ready', 'at': sandbox_ready.at, 'uncertainty_ms': sandbox_ready.uncertainty_ms},
        {'anchor': 'gates_started', 'at': case when len(readiness_gates) > 0 then containers_ready.at end, 'uncertainty_ms': containers_ready.uncertainty_ms},
        {'anchor': 'report_started', 'at': case when ready.at is not null then least(ready.at, greatest(containers_started.at, ready_from_at + interval 1 second)) when not has_readiness_wait and (len(readiness_gates) = 0 or containers_ready.at is null) then all_run_at end, 'uncertainty_ms': containers_started.uncertainty_ms},
        {'anchor': 'ready', 'at': ready.at, 'uncertainty_ms': ready.uncertainty_ms}
    ]) as point
    from creates
),
delete_points as (
    select delivery_id, kind, unnest([
        {'anchor': 'deleted', 'at': started_at, 'uncertainty_ms': started_uncertainty_ms},
        {'anchor': 'all_stopped', 'at': coalesce((select max(facts.at) from _tracked_facts as facts where facts.delivery_id = _judged_deletes.delivery_id and facts.operation = 'container:terminated' and facts.at <= coalesce(gone.at, judged_until_at) and facts.at > started_at), started_at), 'uncertainty_ms': 1000.0},
        {'anchor': 'gone', 'at': gone.at, 'uncertainty_ms': gone.uncertainty_ms}
    ]) as point
    from _judged_deletes
),
points as (
    select * from create_points
    union all
    select * from delete_points
    union all
    select * from _claim_anchors
),
milestones as (
    select delivery_id, kind, point.anchor as anchor, null as subject, point.at as "at", point.uncertainty_ms as uncertainty_ms, null as image, null as message, null as error_code, null as fault, null as source_id, null::bigint as source_line
    from points
    where point.at is not null
),
-- A sidecar has done its init when it has started.
sidecars as (
    select delivery_id, delivery_kind as kind, 'init_ended' as anchor, subject, "at", uncertainty_ms, null as image, null as message, null as error_code, null as fault, source_id, source_line
    from _tracked_facts
    where operation = 'container:started' and detail = 'sidecar'
),
-- Readiness that was lost again before all were ready together: the container whose probe failed last is the one that is waited for.
flaps as (
    select
        creates.delivery_id, creates.kind, max(facts.at) filter (facts.operation = 'container:ready') as all_ready_at, any_value(creates.containers_ready) as containers_ready,
        arg_max(facts.subject, (facts.operation = 'event:Unhealthy', facts.at, facts.subject)) as subject,
    from creates
    inner join _tracked_facts as facts on facts.delivery_id = creates.delivery_id and facts.at <= creates.containers_ready.at
    where
        list_contains(creates.readiness_wait_containers, facts.subject)
        and (facts.operation = 'container:ready' or (facts.operation = 'event:Unhealthy' and said(facts.message) like 'Readiness probe failed%'))
    group by creates.delivery_id, creates.kind
    having all_ready_at < any_value(creates.containers_ready.at - to_microseconds((creates.containers_ready.uncertainty_ms * 1000)::bigint))
),
flap_points as (
    select
        delivery_id, kind, point.anchor as anchor, subject, point.at as "at", containers_ready.uncertainty_ms as uncertainty_ms, null as image, null as message, null as error_code, null as fault,
        null as source_id, null::bigint as source_line, point.step as step,
    from (
        select *, unnest([{'anchor': 'readiness_started', 'at': all_ready_at, 'step': 8}, {'anchor': 'container_ready', 'at': containers_ready.at, 'step': 9}]) as point
        from flaps
    )
),
attached as (
    select delivery_id, delivery_kind as kind, 'attached' as anchor, subject, "at", uncertainty_ms, null as image, message, null as error_code, null as fault, source_id, source_line
    from _tracked_facts
    where operation = 'event:SuccessfulAttachVolume'
),
attach_starts as (
    select attached.* replace ('attach_started' as anchor, creates.bound.at as "at", creates.bound.uncertainty_ms as uncertainty_ms)
    from attached
    inner join creates using (delivery_id)
    where creates.bound.at is not null
    qualify row_number() over (partition by attached.delivery_id, attached.subject order by attached.at, attached.source_id, attached.source_line) = 1
),
-- Containers that still ran when the delete was asked for stop from then, or from their Killing Event; they may never have ended.
stops as (
    select
        ran.delivery_id, 'pod_delete' as kind, 'stop_started' as anchor, ran.container as subject,
        coalesce(min(killings.at), any_value(pods.started_at)) as "at", coalesce(arg_min(killings.uncertainty_ms, (killings.at, killings.uncertainty_ms)), any_value(pods.started_uncertainty_ms)) as uncertainty_ms,
        null as image, null as message, null as error_code, null as fault, null as source_id, null::bigint as source_line,
    from (
        select steps.delivery_id, steps.subject as container from _container_steps as steps inner join _tracked_pods as pods using (delivery_id) where steps.kind = 'pod_delete' and steps.anchor = 'stopped' and steps.at > pods.started_at
        union
        select delivery_id, subject from _tracked_facts where delivery_kind = 'pod_delete' and operation = 'event:Killing' and subject is not null and "at" >= started_at
    ) as ran
    inner join _tracked_pods as pods using (delivery_id)
    left join _tracked_facts as killings
        on killings.delivery_id = ran.delivery_id and killings.subject = ran.container and killings.operation = 'event:Killing' and killings.at >= pods.started_at
    group by ran.delivery_id, ran.container
),
-- A kubelet that has deleted the pod for good has stopped what it had not told of.
releases as (
    select stops.* replace ('stopped' as anchor, deletes.released_at as "at", 0.0 as uncertainty_ms)
    from stops
    inner join _judged_deletes as deletes using (delivery_id)
    anti join (from _container_steps where kind = 'pod_delete' and anchor = 'stopped') as told on told.delivery_id = stops.delivery_id and told.subject = stops.subject
    where deletes.released_at >= stops.at
),
finalizers as (
    select facts.delivery_id, facts.delivery_kind as kind, change.anchor, facts.subject, change.at, facts.uncertainty_ms, null as image, null as message, null as error_code, null as fault, facts.source_id, facts.source_line
    from (
        select *, unnest([{'anchor': 'finalizer_held', 'at': started_at}, {'anchor': 'finalizer_removed', 'at': "at"}]) as change
        from _tracked_facts
        where operation = 'finalizer:removed' and delivery_kind = 'pod_delete' and "at" >= started_at
    ) as facts
    union all
    -- What no write has removed still holds the object.
    select held.delivery_id, 'pod_delete', 'finalizer_held', held.finalizer, held.started_at, held.started_uncertainty_ms, null, null, null, null, null, null
    from (select delivery_id, started_at, started_uncertainty_ms, unnest(finalizers) as finalizer from _judged_deletes where gone.at is null) as held
    anti join (select delivery_id, subject as finalizer from _tracked_facts where operation = 'finalizer:removed') using (delivery_id, finalizer)
),
-- While a node is silent, nobody probes, starts or stops anything on it. A kubelet that is back acts before it says so.
node_points as (
    select
        delivery_id, delivery_kind as kind, point.anchor as anchor, node as subject, point.at as "at", 0.0 as uncertainty_ms, null as image, null as message, null as error_code, null as fault,
        source_id, source_line, point.step as step,
    from (
        select *, unnest([{'anchor': 'node_lost', 'at': "at", 'step': 6}, {'anchor': 'node_back', 'at': surely_until_at, 'step': 5}]) as point
        from _node_losses
        where operation in ('node:condition:Ready:unknown', 'node:deleted')
    )
    where point.at < 'infinity'
),
operations as (
    select facts.delivery_id, facts.delivery_kind as kind, facts.operation as anchor, facts.subject, facts.at, facts.uncertainty_ms, null as image, facts.message, null as error_code, null as fault, facts.source_id, facts.source_line
    from _tracked_facts as facts
    where facts.operation in (select unnest(start || "end") from phase_rules)
)
select * from milestones
union all by name select * from _container_steps
union all by name select * from sidecars
union all by name select * from flap_points
union all by name select * from node_points
union all by name select * from attached
union all by name select * from attach_starts
union all by name select * from stops
union all by name select * from releases
union all by name select * from finalizers
union all by name select * from operations
union all by name select * from _upgrade_anchors
