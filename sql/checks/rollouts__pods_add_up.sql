-- Every pod of a rollout has one outcome, and a rollout ends after it starts.
-- inputs: rollouts
select rollout_id, namespace, workload_kind, workload_name, state, started_at, ended_at, pods_created, pods_delivered, pods_failed, pods_killed, pods_pending
from rollouts
where
    pods_created <> pods_delivered + pods_failed + pods_killed + pods_pending
    or pods_unsettled > pods_delivered
    or ended_at < started_at
    or (ended_at is null) <> (state = 'pending')
