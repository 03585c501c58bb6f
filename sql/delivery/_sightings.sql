-- One row per tracked delivery: what the log shows of the pod's state at all, and what it is known to lack.
-- inputs: _tracked_pods, hyper_events[-24h, +24h], coverage[-24h, +1h]
with facts as (
    select
        pods.delivery_id, facts.operation, facts.subject, facts.actor, facts.user, facts.last_at,
        facts.operation like 'condition:%' or facts.operation like 'container:%' or facts.operation like 'pod:phase:%' or facts.operation = 'pod:acknowledged' as is_state,
        -- What the scheduler and the controllers write says nothing of containers.
        facts.operation = 'pod:status:unseen' and facts.subject not in ('scheduler', 'controller') as is_unseen_state,
    from _tracked_pods as pods
    inner join hyper_events as facts on facts.uid = pods.uid
    where facts.kind = 'Pod' and facts.at <= pods.window_end_at and facts.at <= pods.watermark_at
),
seen as (
    select
        delivery_id,
        max(last_at) filter (is_state) as state_seen_at,
        max(last_at) filter (is_unseen_state) as state_unseen_at,
        coalesce(list_distinct(list(subject) filter (operation = 'finalizer:removed')), []) as removed_finalizers,
        coalesce(bool_or(operation = 'pod:status:unseen' and subject = 'scheduler'), false) as has_scheduler_written,
        coalesce(bool_or((operation like 'event:%' and actor = 'kubelet') or "user" like 'system:node:%'), false) as has_kubelet_acted,
    from facts
    group by delivery_id
),
-- A log of hundreds of requests and none of a kind does not log that kind. A shorter one is an excerpt: what it is silent about may have happened all the same.
lacking as (
    select
        hours.hour_at,
        sum(coverage.rows_seen) filter (coverage.fact = 'api_calls') as requests,
        coalesce(requests >= 100, false) as is_telling,
        coalesce(requests between 1 and 99, false) as is_excerpt,
        coalesce(bool_or(coverage.is_covered) filter (coverage.fact = 'pod_status'), true) as has_status,
        coalesce(bool_or(coverage.is_covered) filter (coverage.fact = 'kubelets'), true) as has_kubelets,
        coalesce(bool_or(coverage.is_covered) filter (coverage.fact = 'events'), true) as has_events,
        coalesce(bool_or(coverage.best_source = 'audit') filter (coverage.fact = 'pod_bound'), false) as has_bindings,
    from (select distinct hour_of(started_at) as hour_at from _tracked_pods) as hours
    inner join coverage on coverage.bucket_at between hours.hour_at - interval 24 hour and hours.hour_at + interval 1 hour
    group by hours.hour_at
)
select
    pods.delivery_id,
    coalesce(seen.removed_finalizers, []) as removed_finalizers,
    coalesce(seen.has_scheduler_written, false) as has_scheduler_written,
    -- The newest word on the pod's state is one that the log does not hold, or the kubelets are left out of it.
    coalesce(seen.state_unseen_at >= coalesce(seen.state_seen_at, '-infinity'), false)
        or coalesce(lacking.is_telling and not lacking.has_status and seen.has_kubelet_acted, false)
        -- Where neither status nor Events are logged, no kubelet gives a sign that could be seen.
        or coalesce(lacking.is_telling and not lacking.has_kubelets, false)
        or coalesce(lacking.is_telling and not lacking.has_status and not lacking.has_events, false) as is_state_unseen,
    -- A log that shows hours of a cluster would have shown some state of a pod.
    coalesce(lacking.is_telling and seen.state_seen_at is null, false) as is_state_missing,
    coalesce(lacking.is_excerpt, false) as is_excerpt,
    coalesce(lacking.is_telling and lacking.has_bindings, false) as shows_bindings,
    coalesce(lacking.is_telling and not lacking.has_events, false) as lacks_events,
    coalesce(lacking.is_telling and not lacking.has_status, false) as lacks_status,
    coalesce(lacking.is_telling and not lacking.has_bindings, false) as lacks_bindings,
from _tracked_pods as pods
left join seen using (delivery_id)
left join lacking on lacking.hour_at = hour_of(pods.started_at)
