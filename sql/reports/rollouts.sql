-- Rollouts: those that did not complete first, then those with trouble among their pods, then the slowest.
-- inputs: rollouts
-- Parameters: $rows at most.
select
    namespace, workload_kind, workload_name, kind, name, trigger, state, reason, is_progress_deadline_exceeded, started_at, ended_at, total_s,
    pods_wanted, pods_created, pods_delivered, pods_failed + pods_unsettled as pods_in_trouble, creates_refused, slowest_s, slowest_pod, failed_pods, error_codes,
    count(*) over () as of_all,
    count(*) filter (state = 'complete') over () as complete,
from rollouts
order by
    case state when 'failed' then 1 when 'pending' then 2 when 'superseded' then 3 when 'complete' then 4 else 5 end,
    pods_failed + pods_unsettled + creates_refused > 0 desc, total_s desc, rollout_id
limit $rows
