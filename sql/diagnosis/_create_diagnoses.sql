-- One row per create or upgrade and moment: the evidence that decides, or else the phase that took the time.
-- inputs: _moments, _frontier, _evidence, _container_starts, _slow_phases, _judged_pods, _owner_segments, _platform_verdicts, _tracked_facts
with moments as (
    select moments.*, frontier.completed, creates.deleted.at as deleted_at, creates.delivered_at, coalesce(creates.delivered_at <= moments.judged_at, false) and moments.moment <> 'sig_startup' as is_delivered, creates.bound.at as bound_at, creates.kubelet_ack.at as kubelet_ack_at, creates.broken_at, creates.delivered_from_at, coalesce(creates.is_job, false) as is_job,
        creates.is_undecidable, creates.is_unheard, creates.lacks_events, creates.lacks_status, creates.is_late_look,
        -- What became of the pod, or what its scheduler said of it, the log does not hold.
        creates.is_undecidable or (creates.has_scheduler_written and creates.bound.at is null) as is_blind,
        is_blind or creates.is_late_look or (creates.container_names is null and not (creates.bound.at is null and creates.shows_bindings)) as is_unseen,
    from _moments as moments
    inner join _frontier as frontier using (delivery_id, moment)
    inner join _judged_pods as creates using (delivery_id)
),
ranked as (
    select
        moments.delivery_id, moments.moment, moments.completed, moments.judged_at, moments.delivered_at, moments.delivered_from_at,
        moments.moment = 'final' and moments.broken_at is not null as is_broken, moments.is_job,
        evidence.* exclude (delivery_id, tier),
        -- A taint explains a pod only if nothing else does; that volumes still wait, only if nothing says for what; what makes nodes or volumes, only if no scheduler says why the pod waits.
        case
            when evidence.error_code = 'Evicted' and evidence.error_detail = 'Taint' then 63
            when evidence.delivery_kind = 'pod_create' and evidence.diagnosis_rule = 'provisioner_awaited' then 53
            when evidence.delivery_kind = 'pod_create' and evidence.diagnosis_rule = 'provisioner_asked' then 52
            when evidence.delivery_kind = 'pod_create' and starts_with(evidence.diagnosis_rule, 'provisioner_') then 51
            when evidence.error_code = 'FailedMount' and evidence.error_detail = 'Timeout' or evidence.diagnosis_rule = 'autoscaler_refused' then 51
            else evidence.tier
        end as tier,
    from moments
    inner join _evidence as evidence on evidence.delivery_id = moments.delivery_id
    -- What holds up a delete says nothing about the delivery.
    where evidence.stage <> 'delete'
        -- Nor is it an error that a volume takes a while.
        and (moments.verdict = 'FAIL' or evidence.diagnosis_rule not in ('provisioner_asked', 'provisioner_awaited'))
        and evidence.at <= moments.judged_at + case when evidence.tier > 60 or evidence.error_detail = 'Taint' then interval 2 second else interval 0 second end
),
-- Gates that nobody has removed by then.
gates as (
    select
        moments.delivery_id, moments.moment,
        count(distinct facts.subject) filter (facts.operation = 'pod:gated') > count(distinct facts.subject) filter (facts.operation = 'pod:ungated') as is_gated,
    from moments
    inner join _tracked_facts as facts on facts.delivery_id = moments.delivery_id and facts.at <= moments.judged_at
    where facts.operation in ('pod:gated', 'pod:ungated')
    group by moments.delivery_id, moments.moment
),
-- What each moment knows of a container: that it started, became ready, or was killed.
fates as (
    select
        moments.delivery_id, moments.moment, facts.subject,
        max(facts.at) filter (facts.operation = 'container:started') as started_at,
        max(facts.at) filter (facts.operation = 'container:ready') as ready_at,
        max(facts.at) filter (facts.operation = 'container:terminated' or (facts.operation = 'event:Killing' and said(facts.message) not like 'Stopping container%')) as killed_at,
    from moments
    inner join _tracked_facts as facts on facts.delivery_id = moments.delivery_id and facts.at <= moments.judged_at
    where facts.operation in ('container:started', 'container:ready', 'container:terminated', 'event:Killing')
    group by moments.delivery_id, moments.moment, facts.subject
),
counted as (
    select ranked.*
    from ranked
    left join fates on fates.delivery_id = ranked.delivery_id and fates.moment = ranked.moment and fates.subject = ranked.subject
    left join gates on gates.delivery_id = ranked.delivery_id and gates.moment = ranked.moment
    where
        -- Evidence counts beyond the last completed stage, or in it and later than its completion; what broke a delivery counts whatever came after,
        -- and so does what ended the pod for good.
        (ranked.tier > 60 or ranked.is_broken or ranked.operation = 'pod:phase:Failed' or ranked.error_code = 'Evicted' or ranked.stage_rank > ranked.completed.stage_rank or (ranked.stage_rank = ranked.completed.stage_rank and ranked.at > ranked.completed.at))
        -- A process that ends well is an error only of a pod that should go on, when its end broke the delivery.
        and not (ranked.diagnosis_rule = 'container_exited' and (ranked.is_job or not ranked.is_broken))
        -- Nobody waits for a volume that is there.
        and not coalesce(ranked.volume_bound_at <= ranked.judged_at, false)
        -- The condition outlives the gate until a scheduler speaks.
        and not (ranked.error_code = 'SchedulingGated' and not coalesce(gates.is_gated, true))
        -- A startup probe's failures are nothing on a container that then started.
        and not (ranked.error_code = 'StartupProbeFailed' and ranked.operation = 'event:Unhealthy' and coalesce(fates.started_at >= ranked.at, false))
        -- A liveness or startup failure counts only if the container was then killed or never became ready.
        and not (
            ranked.error_code in ('LivenessProbeFailed', 'StartupProbeFailed') and ranked.operation = 'event:Unhealthy'
            and not coalesce(fates.killed_at >= ranked.at, false) and fates.ready_at is not null
        )
        -- A pod that was delivered and held has no error; one that broke has what broke it.
        and (ranked.delivered_at is null or ranked.moment <> 'final' or (ranked.is_broken and ranked.at >= ranked.delivered_from_at))
),
ordered as (
    select
        *,
        count(*) over (partition by delivery_id, moment, error_code) as evidence_count,
        row_number() over (
            partition by delivery_id, moment
            order by tier, case when tier = 50 then -stage_rank end, case when tier = 50 then -epoch_us("at") end, weight, -epoch_us("at"), operation, subject, error_detail, message, count, source_id, source_line
        ) as place,
    from counted
),
runners_up as (
    select decisive.delivery_id, decisive.moment, arg_min(ordered.error_code, ordered.place) as runner_up
    from (from ordered where place = 1) as decisive
    inner join ordered using (delivery_id, moment)
    where ordered.error_code <> decisive.error_code
    group by decisive.delivery_id, decisive.moment
),
-- An error that was overcome on the way is the detail of a slow phase.
overcome as (
    select ranked.delivery_id, ranked.moment, arg_max(ranked.error_code, (ranked.stage = slowest.stage, ranked.at, ranked.error_code)) as error_code
    from ranked
    left join (
        select delivery_id, moment, case phase when 'schedule' then 'schedule' when 'kubelet_ack' then 'node' when 'volume_attach' then 'volume' when 'volume_mount' then 'volume' when 'sandbox' then 'sandbox' when 'sandbox_renewal' then 'sandbox' when 'image_pull' then 'image' else 'container' end as stage
        from _slow_phases
        where owner = 'platform'
    ) as slowest using (delivery_id, moment)
    where ranked.tier <= 51 and ranked.diagnosis_rule not in ('container_exited', 'provisioner_asked', 'provisioner_awaited') and ranked.operation <> 'event:Unhealthy'
    group by ranked.delivery_id, ranked.moment
),
platform_time as (
    select moments.delivery_id, moments.moment, sum(us_between(segments.from_at, least(segments.to_at, moments.judged_at))) / 1e6 as spent_s
    from moments
    inner join _owner_segments as segments using (delivery_id)
    where segments.owner = 'platform' and segments.from_at < moments.judged_at
    group by moments.delivery_id, moments.moment
),
slow as (
    select
        moments.delivery_id, moments.moment,
        case
            when platform_time.spent_s > case when moments.moment = 'sig_startup' then moments.limit_s else coalesce(verdicts.limit_s, case when moments.kind = 'pod_upgrade' then moments.limit_s end) end / 2 then
                case
                    -- Volumes, sandboxes, pulls and starts show in Events alone: without any, nobody knows which of them it was.
                    when moments.lacks_events and moments.bound_at <= moments.judged_at and (platform.phase = 'sandbox' or coalesce(platform.spent_us / 1e6, 0) < platform_time.spent_s / 2) then 'NoEvidence'
                    -- A scheduler speaks in conditions and Events.
                    when coalesce(moments.bound_at > moments.judged_at, true) and platform.phase = 'schedule' then if(moments.lacks_events and moments.lacks_status, 'NoEvidence', 'ScheduleDelay')
                    when coalesce(moments.kubelet_ack_at > moments.judged_at, true) and platform.phase = 'kubelet_ack' then 'KubeletDelay'
                    else case platform.phase
                        when 'schedule' then 'ScheduleTooMuchTime' when 'kubelet_ack' then 'KubeletDelay' when 'report' then 'KubeletDelay' when 'resize' then 'KubeletDelay' when 'resize_pending' then 'KubeletDelay' when 'container_stop' then 'GracePeriodOverrun'
                        when 'volume_attach' then 'VolumeAttachTooMuchTime' when 'volume_mount' then 'VolumeMountTooMuchTime' when 'sandbox' then 'SandboxCreateTooMuchTime'
                        when 'node_lost' then 'NodeNotReady' when 'image_pull' then 'ImagePullTooMuchTime' when 'container_create' then 'ContainerCreateTooMuchTime' when 'container_start' then 'ContainerStartTooMuchTime'
                    end
                end
            when moments.verdict in ('FAIL', 'UNPROMISED') and not moments.is_delivered then
                case "user".phase when 'init' then 'PodInitialTooMuchTime' when 'container_readiness' then 'ContainerReadyTooMuchTime' when 'post_start_hook' then 'PostStartHookTooMuchTime' when 'pod_readiness' then 'PodReadyTooMuchTime' end
        end as error_code,
        overcome.error_code as error_detail,
    from moments
    left join platform_time using (delivery_id, moment)
    left join _platform_verdicts as verdicts on verdicts.delivery_id = moments.delivery_id
    left join _slow_phases as platform on platform.delivery_id = moments.delivery_id and platform.moment = moments.moment and platform.owner = 'platform'
    left join _slow_phases as "user" on "user".delivery_id = moments.delivery_id and "user".moment = moments.moment and "user".owner = 'user'
    left join overcome on overcome.delivery_id = moments.delivery_id and overcome.moment = moments.moment
    -- Where its time went before the log begins, nobody knows.
    where not moments.is_late_look
),
gaps as (
    select delivery_id, moment, arg_max(operation_before || ' to ' || operation, (us_between(at_before, "at"), operation_before, operation)) as longest
    from (
        select
            moments.delivery_id, moments.moment, facts.operation, facts.at as "at", lag(facts.at) over by_time as at_before, lag(facts.operation) over by_time as operation_before,
        from moments
        inner join _tracked_facts as facts on facts.delivery_id = moments.delivery_id and facts.at <= moments.judged_at
        where moments.verdict = 'FAIL' and not moments.is_delivered
        window by_time as (partition by moments.delivery_id, moments.moment order by facts.at, facts.operation, facts.subject, facts.detail, facts.reason, facts.message)
    )
    where at_before is not null
    group by delivery_id, moment
)
select
    moments.delivery_id, moments.kind, moments.started_at, moments.moment, moments.verdict, moments.judged_at, moments.completed.stage as frontier,
    decisive.stage,
    case
        when decisive.error_code is not null then decisive.error_code
        when moments.is_unseen and not moments.is_delivered and (moments.verdict <> 'PENDING' or (moments.is_blind and slow.error_code is not null)) then 'NoEvidence'
        when slow.error_code is not null then slow.error_code
        when moments.verdict = 'KILL' then 'DeletedBeforeReady'
        when moments.verdict = 'FAIL' and not moments.is_delivered then if(moments.lacks_events and moments.bound_at is not null, 'NoEvidence', 'Unknown')
    end as error_code,
    case
        when decisive.error_code is not null then decisive.error_detail
        when moments.is_unseen and not moments.is_delivered and (moments.verdict <> 'PENDING' or (moments.is_blind and slow.error_code is not null)) then if(moments.is_blind, 'pod_status', null)
        when slow.error_code is not null then coalesce(slow.error_detail, if(slow.error_code = 'NoEvidence', 'events', null))
        when moments.verdict = 'FAIL' and not moments.is_delivered then if(moments.lacks_events and moments.bound_at is not null, 'events', gaps.longest)
    end as error_detail,
    decisive.fault, decisive.actor as component, decisive.message, decisive.diagnosis_rule as rule, runners_up.runner_up,
    decisive.operation as evidence_operation, decisive.subject as evidence_subject, decisive.at as evidence_at, decisive.evidence_count, decisive.source_id, decisive.source_line,
from moments
left join ordered as decisive
    on decisive.delivery_id = moments.delivery_id and decisive.moment = moments.moment and decisive.place = 1
    -- Of a pod whose state nobody sees, only what kept its containers from starting is sure.
    and (
        not moments.is_undecidable
        or (not moments.is_unheard and decisive.stage in ('volume', 'sandbox', 'image') and not exists (from _container_starts as starts where starts.delivery_id = moments.delivery_id and starts.at <= moments.judged_at))
    )
left join runners_up on runners_up.delivery_id = moments.delivery_id and runners_up.moment = moments.moment
left join slow on slow.delivery_id = moments.delivery_id and slow.moment = moments.moment
left join gaps on gaps.delivery_id = moments.delivery_id and gaps.moment = moments.moment
