-- One row per moment that a phase may start or end at: milestones of the pod, and what happens to its containers, volumes and finalizers.
-- inputs: _tracked_pods, _tracked_facts, _sightings, _container_starts, _container_ends, _evidence, _judged_creates, _judged_deletes, _upgrade_anchors, _claim_anchors, phase_rules
with creates as (
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
        (select min(facts.at) from _tracked_facts as facts where facts.delivery_id = _judged_creates.delivery_id and facts.operation = 'pod:gated') as gated_at,
        (select max(facts.at) from _tracked_facts as facts where facts.delivery_id = _judged_creates.delivery_id and facts.operation = 'pod:ungated') as ungated_at,
        ready.at - to_microseconds((ready.uncertainty_ms * 1000)::bigint) as ready_from_at,
    from _judged_creates
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
        {'anchor': 'report_started', 'at': case when ready.at is not null then least(ready.at, greatest(containers_started.at, ready_from_at + interval 1 second)) when not has_readiness_wait then containers_started.at end, 'uncertainty_ms': containers_started.uncertainty_ms},
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
-- Pulls, creations and failures of containers as Events tell them.
containers as (
    select
        facts.delivery_id, facts.delivery_kind as kind,
        case
            when facts.operation = 'event:Pulling' then 'pulling' when facts.operation = 'event:Pulled' then 'pulled' when facts.operation = 'event:Created' then 'container_created'
            when facts.operation = 'container:ready' then 'container_ready'
            when evidence.stage = 'image' and facts.operation in ('event:Failed', 'event:InspectFailed', 'event:ErrImageNeverPull') then 'pull_failed'
            -- The Event that tells why may be lost: these say that the pull has failed, if not why.
            when facts.operation in ('event:Failed', 'event:BackOff') and (facts.message like 'Back-off pulling image%' or facts.message in ('Error: ErrImagePull', 'Error: ImagePullBackOff')) then 'pull_failed'
            when evidence.stage = 'container' and facts.operation = 'event:Failed' then 'attempt_failed'
            when facts.operation = 'container:waiting' then case evidence.stage when 'image' then 'pull_failed' when 'container' then if(evidence.error_code <> 'CrashLoopBackOff', 'attempt_failed', null) end
        end as anchor,
        facts.subject, facts.at, facts.uncertainty_ms,
        nullif(regexp_extract(facts.message, '(?i)image "([^"]+)"', 1), '') as image, facts.message, evidence.error_code, evidence.fault, facts.source_id, facts.source_line,
    from _tracked_facts as facts
    left join _evidence as evidence
        on evidence.delivery_id = facts.delivery_id and evidence.at = facts.at and evidence.operation = facts.operation and evidence.subject is not distinct from facts.subject
        and evidence.message is not distinct from facts.message and evidence.count is not distinct from facts.count
    left join _sightings as sightings on sightings.delivery_id = facts.delivery_id
    where
        not facts.is_replaced
        and (
            facts.operation in ('event:Pulling', 'event:Pulled', 'event:Created', 'event:Failed', 'event:BackOff', 'event:InspectFailed', 'event:ErrImageNeverPull', 'container:ready')
            -- Where no Events tell of it, the status does.
            or (facts.operation = 'container:waiting' and sightings.lacks_events)
        )
),
starts as (
    select
        starts.delivery_id, pods.kind, anchor, starts.container as subject, starts.at,
        (epoch_us(starts.at) - epoch_us(starts.lower_at)) / 1000.0 as uncertainty_ms, null as image, null as message, null as error_code, null as fault, starts.source_id, starts.source_line,
    from (
        select *, unnest(case role when 'init' then ['started', 'init_started'] when 'sidecar' then ['started', 'init_started'] else ['started', 'readiness_started'] end) as anchor
        from _container_starts
    ) as starts
    inner join _tracked_pods as pods using (delivery_id)
    where starts.anchor <> 'readiness_started' or list_contains(pods.readiness_wait_containers, starts.container)
),
-- A sidecar has done its init when it has started.
sidecars as (
    select delivery_id, delivery_kind as kind, 'init_ended' as anchor, subject, "at", uncertainty_ms, null as image, null as message, null as error_code, null as fault, source_id, source_line
    from _tracked_facts
    where operation = 'container:started' and detail = 'sidecar'
),
-- A container that could not be started has a failed attempt, not an end.
ends as (
    select
        delivery_id, kind, case when is_replaced then 'replaced' when reason in ('StartError', 'ContainerCannotRun') then 'attempt_failed' when role = 'init' then if(code = 0, 'init_ended', 'init_failed') else 'stopped' end as anchor, container as subject, "at", uncertainty_ms,
        null as image, message, null as error_code, null as fault, source_id, source_line, code,
    from _container_ends
),
-- An exit that the kubelet answers with a restart.
crashes as (
    select ends.* exclude (code) replace ('crashed' as anchor)
    from ends
    inner join _tracked_pods as pods using (delivery_id)
    where
        (ends.anchor = 'stopped' and (pods.restart_policy = 'Always' or (pods.restart_policy = 'OnFailure' and ends.code <> 0)))
        or (ends.anchor = 'init_failed' and pods.restart_policy <> 'Never')
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
        select ends.delivery_id, ends.subject as container from ends inner join _tracked_pods as pods using (delivery_id) where ends.kind = 'pod_delete' and ends.anchor = 'stopped' and ends.at > pods.started_at
        union
        select delivery_id, subject from _tracked_facts where delivery_kind = 'pod_delete' and operation = 'event:Killing' and subject is not null and "at" >= started_at
    ) as ran
    inner join _tracked_pods as pods using (delivery_id)
    left join _tracked_facts as killings
        on killings.delivery_id = ran.delivery_id and killings.subject = ran.container and killings.operation = 'event:Killing' and killings.at >= pods.started_at
    group by ran.delivery_id, ran.container
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
operations as (
    select facts.delivery_id, facts.delivery_kind as kind, facts.operation as anchor, facts.subject, facts.at, facts.uncertainty_ms, null as image, facts.message, null as error_code, null as fault, facts.source_id, facts.source_line
    from _tracked_facts as facts
    where facts.operation in (select unnest(start || "end") from phase_rules)
)
select * from milestones
union all by name select * from containers where anchor is not null and subject is not null
union all by name select * exclude (code) from ends
union all by name select * from starts
union all by name select * from sidecars
union all by name select * from crashes
union all by name select * from attached
union all by name select * from attach_starts
union all by name select * from stops
union all by name select * from finalizers
union all by name select * from operations
union all by name select * from _upgrade_anchors
