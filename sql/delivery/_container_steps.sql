-- One row per step of a container's attempts to run, as Events and statuses tell it: pull, image, creation, start, failure and end; and the loss of the sandbox that they are in.
-- inputs: _tracked_pods, _tracked_facts, _sightings, _container_starts, _container_ends, _evidence, _judged_creates
-- `step` orders what falls together: an attempt's pull, creation and start come one after the other, and the end of the run before comes first.
-- Pulls, creations and failures of containers as Events tell them. What a debugger brings along is no part of the delivery.
with containers as (
    select
        facts.delivery_id, facts.delivery_kind as kind,
        case
            when facts.operation = 'event:Pulling' then 'pulling' when facts.operation = 'event:Pulled' then 'pulled' when facts.operation = 'event:Created' then 'container_created'
            when facts.operation = 'container:ready' then 'container_ready'
            when evidence.stage = 'image' and facts.operation in ('event:Failed', 'event:InspectFailed', 'event:ErrImageNeverPull') then 'pull_failed'
            -- The Event that tells why may be lost: these say that the pull has failed, if not why.
            when facts.operation in ('event:Failed', 'event:BackOff') and (said(facts.message) like 'Back-off pulling image%' or said(facts.message) in ('Error: ErrImagePull', 'Error: ImagePullBackOff')) then 'pull_failed'
            when evidence.stage = 'container' and facts.operation = 'event:Failed' then 'attempt_failed'
            when facts.operation = 'container:waiting' then case evidence.stage when 'image' then 'pull_failed' when 'container' then if(evidence.error_code <> 'CrashLoopBackOff', 'attempt_failed', null) end
        end as anchor,
        facts.subject,
        -- Containers that are ready a second after their condition's transition are waited for by nobody but whoever reports it.
        if(
            facts.operation = 'container:ready' and creates.containers_ready.at is not null,
            least(facts.at, greatest(creates.containers_ready.at - to_microseconds((creates.containers_ready.uncertainty_ms * 1000)::bigint) + interval 1 second, creates.containers_started.at, facts.lower_at)),
            facts.at
        ) as "at",
        facts.uncertainty_ms,
        nullif(regexp_extract(facts.message, '(?i)image "([^"]+)"', 1), '') as image, facts.message, evidence.error_code, evidence.fault, facts.source_id, facts.source_line,
        case anchor when 'pulling' then 1 when 'pulled' then 2 when 'pull_failed' then 3 when 'container_created' then 4 when 'attempt_failed' then 5 else 7 end as step,
    from _tracked_facts as facts
    left join _evidence as evidence
        on evidence.delivery_id = facts.delivery_id and evidence.at = facts.at and evidence.operation = facts.operation and evidence.subject is not distinct from facts.subject
        and evidence.message is not distinct from facts.message and evidence.count is not distinct from facts.count
    left join _sightings as sightings on sightings.delivery_id = facts.delivery_id
    left join _judged_creates as creates on creates.delivery_id = facts.delivery_id
    where
        not facts.is_replaced and facts.detail is distinct from 'ephemeral'
        and (
            facts.operation in ('event:Pulling', 'event:Pulled', 'event:Created', 'event:Failed', 'event:BackOff', 'event:InspectFailed', 'event:ErrImageNeverPull', 'container:ready')
            -- Where no Events tell of it, the status does.
            or (facts.operation = 'container:waiting' and sightings.lacks_events)
        )
),
starts as (
    select
        starts.delivery_id, pods.kind, anchor, starts.container as subject, starts.at,
        (epoch_us(starts.at) - epoch_us(starts.lower_at)) / 1000.0 as uncertainty_ms, null as image, null as message, null as error_code, null as fault, starts.source_id, starts.source_line, 6 as step,
    from (
        select *, unnest(case role when 'init' then ['started', 'init_started'] when 'sidecar' then ['started', 'init_started'] else ['started', 'readiness_started'] end) as anchor
        from _container_starts
    ) as starts
    inner join _tracked_pods as pods using (delivery_id)
    where starts.anchor <> 'readiness_started' or list_contains(pods.readiness_wait_containers, starts.container)
),
-- A container that could not be started has a failed attempt, not an end.
ends as (
    select
        delivery_id, kind, case when is_replaced then 'replaced' when reason in ('StartError', 'ContainerCannotRun') then 'attempt_failed' when role = 'init' then if(code = 0, 'init_ended', 'init_failed') else 'stopped' end as anchor, container as subject, "at", uncertainty_ms,
        null as image, message, null as error_code, null as fault, source_id, source_line, if(is_bounded, 0, 7) as step, code, role, is_restarted,
    from _container_ends
    where kind <> 'pod_create' or role is distinct from 'ephemeral'
),
-- A sandbox that is lost once it was ready takes the containers with it: what the kubelet then does is no answer to their ends.
sandbox_points as (
    select
        facts.delivery_id, facts.delivery_kind as kind, if(is_loss, 'sandbox_lost', 'sandbox_renewed') as anchor, null as subject, facts.at, facts.uncertainty_ms, null as image, facts.message, null as error_code, null as fault,
        facts.source_id, facts.source_line, if(is_loss, 0, 1) as step,
    from (select *, operation in ('event:SandboxChanged', 'condition:PodReadyToStartContainers:false') as is_loss from _tracked_facts) as facts
    inner join _judged_creates as creates using (delivery_id)
    -- A status that is written late still tells of the time before the sandbox was ready.
    where if(is_loss, facts.lower_at, facts.at) > creates.sandbox_ready.at
        and (is_loss or (facts.operation in ('condition:PodReadyToStartContainers:true', 'event:Pulling', 'event:Pulled', 'event:Created', 'event:Started') and facts.detail is distinct from 'ephemeral'))
),
sandbox_losses as (
    select
        lost.delivery_id, lost.at as lost_at, coalesce(min(renewed.at), 'infinity') as renewed_at,
    from (from sandbox_points where anchor = 'sandbox_lost') as lost
    left join (from sandbox_points where anchor = 'sandbox_renewed') as renewed on renewed.delivery_id = lost.delivery_id and renewed.at > lost.at
    group by lost.delivery_id, lost.at
),
-- An exit that the kubelet answers with a restart.
crashes as (
    select
        ends.* exclude (code, role, is_restarted) replace (
            if(exists (from sandbox_losses as losses where losses.delivery_id = ends.delivery_id and ends.at >= losses.lost_at and ends.at <= losses.renewed_at), 'interrupted', 'crashed') as anchor
        ),
    from ends
    inner join _tracked_pods as pods using (delivery_id)
    where
        (ends.anchor = 'stopped' and (ends.is_restarted or ends.role = 'sidecar' or pods.restart_policy = 'Always' or (pods.restart_policy = 'OnFailure' and ends.code <> 0)))
        or (ends.anchor = 'init_failed' and (ends.is_restarted or pods.restart_policy <> 'Never'))
),
-- An attempt of which nothing more is told, although the next one is, has failed: the Event that says so is lost. So has the last one of a container whose status waits with an error.
attempts as (
    select * from containers where anchor in ('pulling', 'pulled', 'container_created', 'attempt_failed')
    union all by name
    select * from starts where anchor = 'started'
    union all by name
    select * from crashes
),
next_steps as (
    select *, lead(anchor) over by_step as next_anchor, lead("at") over by_step as next_at
    from attempts
    window by_step as (partition by delivery_id, subject order by "at", step, anchor, source_id, source_line)
),
stuck as (
    select evidence.delivery_id, evidence.subject, evidence.at, evidence.error_code, evidence.fault, max(starts.at) as started_at
    from _evidence as evidence
    left join _container_starts as starts on starts.delivery_id = evidence.delivery_id and starts.container = evidence.subject
    where evidence.stage = 'container' and evidence.operation in ('container:waiting', 'event:Failed') and evidence.error_code <> 'CrashLoopBackOff'
    group by evidence.delivery_id, evidence.subject, evidence.at, evidence.error_code, evidence.fault
),
untold_failures as (
    select
        steps.delivery_id, steps.kind, 'attempt_failed' as anchor, steps.subject, steps.at, steps.uncertainty_ms, null as image, null as message, known.error_code as error_code, known.fault as fault,
        steps.source_id, steps.source_line, 5 as step,
    from next_steps as steps
    asof left join stuck as known on known.delivery_id = steps.delivery_id and known.subject = steps.subject and steps.at >= known.at
    where
        steps.anchor = 'pulled'
        and (
            steps.next_anchor in ('pulling', 'pulled')
            or (steps.next_anchor is null and known.at > coalesce(known.started_at, '-infinity'))
            -- What is missing of a container's settings shows before the runtime is asked: a failure long after is that of a later attempt.
            or (steps.next_anchor = 'attempt_failed' and steps.next_at > steps.at + interval 5 second and known.error_code = 'CreateContainerConfigError')
        )
)
select * from containers where anchor is not null and subject is not null
union all by name select * exclude (code, role, is_restarted) from ends
union all by name select * from starts
union all by name select * from crashes
union all by name select * from sandbox_points
union all by name select * from untold_failures
