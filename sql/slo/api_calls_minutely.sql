-- API calls per minute of their answer and (resource, subresource, verb, scope): how many, how long without webhooks and the fairness queue, and whether the minute was good.
-- grain: hour
-- inputs: _api_requests, audit_events[0h, +1h], objective_limits, params
--
-- A log without a second time (GKE) gives counts only; one without RequestReceived lines cannot tell of requests without an answer.
with hours_that_tell as (
    select distinct hour_of(stage_at) as hour_at from audit_events where stage = 'RequestReceived'
),
limits as (
    select objective, applies_to as scope, max(limit_s) as limit_s
    from objective_limits
    where kind = 'api_call' and namespace is null
    group by all
),
-- The objective leaves out virtual and aggregated resources and those of custom definitions: whatever the API server does not keep itself.
kept_groups as (
    select unnest([
        '', 'admissionregistration.k8s.io', 'apiregistration.k8s.io', 'apps', 'autoscaling', 'batch', 'certificates.k8s.io', 'coordination.k8s.io', 'discovery.k8s.io', 'events.k8s.io',
        'extensions', 'flowcontrol.apiserver.k8s.io', 'internal.apiserver.k8s.io', 'networking.k8s.io', 'node.k8s.io', 'policy', 'rbac.authorization.k8s.io', 'resource.k8s.io',
        'scheduling.k8s.io', 'storage.k8s.io', 'storagemigration.k8s.io'
    ]) as api_group
),
-- It is about calls for single objects and about reads: a deletecollection is neither.
promised as (
    select requests.*, limits.limit_s
    from _api_requests as requests
    left join limits
        on requests.scope = limits.scope and coalesce(requests.api_group, '') in (from kept_groups) and requests.verb <> 'deletecollection'
        and limits.objective = case when requests.verb in ('get', 'list') then 'read' else 'mutating' end
),
measured as (
    select
        cluster, bucket_at, api_group, resource, subresource, verb, scope, limit_s,
        count(*) filter (is_answered) as count,
        count(spent_s) as timed,
        count(*) filter (not is_answered) as unanswered,
        count(*) filter (spent_s <= limit_s) as within_limit,
        quantile_disc(spent_s, [0.5, 0.99]) as ranks,
        max(spent_s) as max_s,
    from promised
    group by all
)
select
    measured.* exclude (ranks, unanswered, within_limit),
    case when hours_that_tell.hour_at is not null then unanswered end as unanswered,
    ranks[1] as p50_s,
    ranks[2] as p99_s,
    case when timed > 0 and limit_s is not null then within_limit end as within_limit,
    case when timed > 0 then ranks[2] <= limit_s end as good,
from measured
left join hours_that_tell on hours_that_tell.hour_at = hour_of(measured.bucket_at)
