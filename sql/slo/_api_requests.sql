-- One row per API request about a resource, once however many sources hold it, but for those that run as long as the client wants: when and how long it was served.
-- inputs: audit_events[0h, +1h], params
--
-- The scope is that of the API server's own metrics: `resource` for one object, else `namespace` or `cluster`. As there, a request that was turned away before it
-- reached its handler is no call, nor is a dry run. Webhooks and the fairness queue are not the API server's time; it tells of them on requests that took over half a second.
with requests as (
    select distinct
        cluster, audit_id, stage, received_at, stage_at, api_group, resource, subresource, verb, request_uri,
        case when verb not in ('list', 'deletecollection') then 'resource' when namespace <> '' then 'namespace' else 'cluster' end as scope,
        case
            when contains(annotations, 'k8s.io/mutating-webhook') or contains(annotations, 'k8s.io/validating-webhook') or contains(annotations, 'k8s.io/apf-queue-wait')
            then list_sum(list_transform(
                json_extract_string(annotations, ['$."apiserver.latency.k8s.io/mutating-webhook"', '$."apiserver.latency.k8s.io/validating-webhook"', '$."apiserver.latency.k8s.io/apf-queue-wait"']),
                lambda duration: coalesce(go_duration_s(duration), 0)
            ))
            when contains(annotations, 'apiserver.latency.k8s.io') then 0
        end as excluded_s,
    from audit_events
    where
        resource <> '' and not is_dry_run and verb in ('get', 'list', 'create', 'update', 'patch', 'delete', 'deletecollection')
        -- The API server takes all of these for long-running; a watch is a verb of its own.
        and coalesce(subresource, '') not in ('exec', 'attach', 'portforward', 'proxy', 'log') and coalesce(subresource, '') not like 'proxy/%'
        and not coalesce(case when contains(annotations, 'forbid') then annotations->>'$."authorization.k8s.io/decision"' = 'forbid' end, false)
),
answers as (
    select requests.*, true as is_answered
    from requests, params
    where stage in ('ResponseComplete', 'Panic') and stage_at < params.to_at
),
-- A request is unanswered if a minute later, when the API server itself gives up, nothing has been logged of it. The answer's own hour counts it.
asked as (
    select requests.*, false as is_answered
    from requests, params
    where stage = 'RequestReceived' and stage_at < params.to_at and stage_at + interval 1 minute <= watermark_at
),
unanswered as (
    select * from asked anti join (select audit_id from requests where stage <> 'RequestReceived') as others using (audit_id)
),
served as (
    select * from answers
    union all by name
    select * from unanswered
)
select
    cluster, minute_of(stage_at) as bucket_at, stage_at, api_group, resource, subresource,
    verb, scope, is_answered,
    case when is_answered and received_at is not null then greatest(0, us_between(received_at, stage_at) / 1e6 - coalesce(excluded_s, 0)) end as spent_s,
    case when is_answered then us_between(received_at, stage_at) / 1e6 end as total_s,
from served
