-- One row per rollout that starts in the hours: a workload's creation, a new pod template, or a Job, with how it ended.
-- inputs: hyper_events[-24h, +24h], workloads[-168h, +1h], params
with facts as (
    select *, "at" - to_microseconds((uncertainty_ms * 1000)::bigint) as lower_at
    from hyper_events
    where kind in ('Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'ReplicationController') and uid is not null
),
templates as (
    select
        uid, kind, namespace, name, reason, count as generation, "user",
        -- A write that the log does not hold happened at some time before the version that shows it.
        if(at_source = 'audit', lower_at, "at") as started_at, if(at_source = 'audit', uncertainty_ms, 0) as started_uncertainty_ms,
        lead("at") over by_time as next_at,
    from facts
    where operation = 'workload:template'
    window by_time as (partition by uid order by "at", resource_version)
),
owners as (
    select uid, arg_max(controller_kind, seen_at) as controller_kind, arg_max(controller_name, seen_at) as controller_name
    from workloads
    group by uid
),
started as (
    select
        params.cluster, md5(concat_ws('|', params.cluster, 'rollout', templates.uid, epoch_us(templates.started_at))) as rollout_id,
        templates.*, coalesce(owners.controller_kind, templates.kind) as workload_kind, coalesce(owners.controller_name, templates.name) as workload_name,
        templates.started_at + interval 24 hour as window_end_at, params.watermark_at,
    from templates
    cross join params
    left join owners using (uid)
    where templates.started_at >= params.from_at and templates.started_at < params.to_at
),
-- The first of each sign after the start; a status speaks of the rollout once it has seen its generation.
signs as (
    select
        started.rollout_id,
        min(facts.at) filter (facts.operation = 'workload:completed' and coalesce(facts.count >= started.generation, true)) as completed_at,
        min(facts.at) filter (facts.operation = 'condition:Complete:true') as job_completed_at,
        min(facts.at) filter (facts.operation = 'condition:Failed:true') as job_failed_at,
        min(facts.at) filter (facts.operation = 'condition:Progressing:false' and facts.reason = 'ProgressDeadlineExceeded') as progress_deadline_at,
        min(facts.at) filter (facts.operation = 'workload:deleted') as deleted_at,
        arg_min(struct_pack(reason := facts.reason, message := facts.message), (facts.at, facts.reason, facts.message)) filter (facts.operation in ('condition:Failed:true', 'condition:Progressing:false')) as failure,
        arg_min(struct_pack(reason := facts.reason, message := facts.message), (facts.at, facts.reason, facts.message)) filter (facts.operation = 'condition:Complete:true') as success,
    from started
    inner join facts on facts.uid = started.uid and facts.at > started.started_at and facts.at <= least(coalesce(started.next_at, 'infinity'), started.window_end_at, started.watermark_at)
    group by started.rollout_id
),
ended as (
    select
        started.*, signs.* exclude (rollout_id),
        case
            when coalesce(signs.completed_at, signs.job_completed_at) is not null then 'complete'
            when coalesce(signs.job_failed_at, signs.progress_deadline_at) is not null then 'failed'
            when signs.deleted_at is not null then 'deleted'
            when started.next_at <= least(started.window_end_at, started.watermark_at) then 'superseded'
            else 'pending'
        end as state,
    from started
    left join signs using (rollout_id)
),
dated as (
    select
        * exclude (completed_at, job_completed_at, job_failed_at, deleted_at, failure, success),
        case state
            when 'complete' then coalesce(completed_at, job_completed_at) when 'failed' then coalesce(job_failed_at, progress_deadline_at)
            when 'deleted' then deleted_at when 'superseded' then next_at
        end as ended_at,
        case state when 'complete' then success when 'failed' then failure end as word,
    from ended
),
-- The pods of a Deployment's rollout are those of the ReplicaSet that has got a higher revision since.
revisions as (
    select
        dated.rollout_id,
        arg_max(facts.subject, (facts.kind = 'ReplicaSet', try_cast(facts.reason as bigint), facts.at)) filter (facts.at >= dated.started_at) as revision,
        max(try_cast(facts.reason as bigint)) filter (facts.at >= dated.started_at) as number,
        max(try_cast(facts.reason as bigint)) filter (facts.at < dated.started_at) as number_before,
    from dated
    inner join facts
        on facts.operation = 'workload:revision' and facts.at < coalesce(dated.next_at, 'infinity') and facts.at <= dated.window_end_at
        and ((facts.kind = 'ReplicaSet' and facts.detail = dated.uid) or (facts.kind = 'StatefulSet' and facts.uid = dated.uid))
    group by dated.rollout_id
),
-- A Job that is held waits on purpose, whoever holds it (Kueue, a person), until it goes on.
holds as (
    select dated.rollout_id, facts.operation, facts.lower_at as from_at, lead(facts.lower_at) over (partition by dated.rollout_id order by facts.lower_at, facts.at, facts.operation) as to_at, dated.ended_at, dated.window_end_at, dated.watermark_at, dated.started_at
    from dated
    inner join facts on facts.uid = dated.uid and facts.operation in ('condition:Suspended:true', 'condition:Suspended:false') and facts.at >= dated.started_at
    where dated.kind = 'Job'
),
held as (
    select rollout_id, sum(greatest(0, us_between(greatest(from_at, started_at), least(coalesce(to_at, 'infinity'), coalesce(ended_at, 'infinity'), window_end_at, watermark_at)))) / 1e6 as suspended_s
    from holds
    where operation = 'condition:Suspended:true'
    group by rollout_id
),
wanted as (
    select dated.rollout_id, arg_max(try_cast(facts.subject as bigint), (facts.at, facts.count, facts.subject)) as pods_wanted
    from dated
    inner join facts on facts.uid = dated.uid and facts.operation = 'workload:wanted' and facts.at >= dated.started_at and facts.at <= coalesce(dated.ended_at, least(dated.window_end_at, dated.watermark_at))
    group by dated.rollout_id
)
select
    dated.*,
    case when dated.kind = 'Job' then 'run' when dated.reason = 'Created' then 'create' else 'template' end as trigger,
    case when coalesce(revisions.number > revisions.number_before, true) then revisions.revision end as revision,
    wanted.pods_wanted,
    case when dated.kind = 'Job' then coalesce(held.suspended_s, 0) end as suspended_s,
    least(coalesce(dated.ended_at, 'infinity'), dated.window_end_at, dated.watermark_at) as until_at,
from dated
left join revisions using (rollout_id)
left join wanted using (rollout_id)
left join held using (rollout_id)
