-- One row per rollout: a new pod template of a workload, or a Job, with what became of its pods.
-- grain: hour
-- inputs: _rollouts, deliveries[0h, +24h]
with candidates as (
    select rollouts.rollout_id, deliveries.*, rollouts.revision as wanted_revision
    from _rollouts as rollouts
    inner join deliveries
        on deliveries.kind = 'pod_create' and deliveries.namespace = rollouts.namespace
        and (deliveries.controller_uid = rollouts.uid or (rollouts.kind = 'Deployment' and deliveries.owner_kind = 'Deployment' and deliveries.owner_name = rollouts.name))
        and deliveries.started_at >= rollouts.started_at and deliveries.started_at <= rollouts.until_at
),
-- Where no object tells the revision, it is that of most pods that were created since.
revisions as (
    select rollout_id, arg_max(revision, (pods, revision)) as revision
    from (select rollout_id, revision, count(*) as pods from candidates where revision is not null group by rollout_id, revision)
    group by rollout_id
),
members as (
    select candidates.*
    from candidates
    left join revisions using (rollout_id)
    where candidates.uid is null or coalesce(candidates.revision = coalesce(candidates.wanted_revision, revisions.revision), true)
),
codes as (
    select rollout_id, list(error_code || '=' || deliveries order by deliveries desc, error_code)[1:5] as error_codes
    from (select rollout_id, error_code, sum(attempts) as deliveries from members where error_code is not null group by rollout_id, error_code)
    group by rollout_id
),
summed as (
    select
        rollout_id,
        count(*) filter (uid is not null) as pods_created,
        count(*) filter (state = 'delivered') as pods_delivered,
        count(*) filter (state = 'failed' and uid is not null) as pods_failed,
        count(*) filter (settled is not distinct from false) as pods_unsettled,
        count(*) filter (state = 'killed') as pods_killed,
        count(*) filter (state = 'pending') as pods_pending,
        coalesce(sum(attempts) filter (uid is null), 0) as creates_refused,
        max(struct_pack(total_s := total_s, name := name, uid := uid)) filter (state = 'delivered') as slowest,
        (list(name order by started_at, name) filter (uid is not null and (state = 'failed' or settled is not distinct from false)))[1:5] as failed_pods,
        max(judged_until_at) as judged_until_at,
    from members
    group by rollout_id
)
select
    rollouts.cluster, rollouts.rollout_id, rollouts.namespace, rollouts.workload_kind, rollouts.workload_name, rollouts.kind, rollouts.name, rollouts.uid, rollouts.trigger, rollouts.generation,
    coalesce(rollouts.revision, revisions.revision) as revision, rollouts."user",
    rollouts.started_at, rollouts.started_uncertainty_ms, rollouts.ended_at, rollouts.state, rollouts.progress_deadline_at, rollouts.progress_deadline_at is not null as is_progress_deadline_exceeded,
    rollouts.word.reason as reason, rollouts.word.message as message,
    coalesce(summed.pods_created, 0) as pods_created, rollouts.pods_wanted, coalesce(summed.pods_delivered, 0) as pods_delivered, coalesce(summed.pods_failed, 0) as pods_failed,
    coalesce(summed.pods_unsettled, 0) as pods_unsettled, coalesce(summed.pods_killed, 0) as pods_killed, coalesce(summed.pods_pending, 0) as pods_pending,
    coalesce(summed.creates_refused, 0) as creates_refused,
    seconds_between(rollouts.started_at, rollouts.until_at) as total_s, rollouts.suspended_s,
    summed.slowest.total_s as slowest_s, summed.slowest.name as slowest_pod, summed.slowest.uid as slowest_uid,
    coalesce(summed.failed_pods, []) as failed_pods, coalesce(codes.error_codes, []) as error_codes,
    rollouts.state = 'pending' and rollouts.watermark_at < rollouts.window_end_at as _is_open,
    greatest(rollouts.until_at, coalesce(summed.judged_until_at, rollouts.until_at)) as _reach_at,
from _rollouts as rollouts
left join revisions using (rollout_id)
left join summed using (rollout_id)
left join codes using (rollout_id)
