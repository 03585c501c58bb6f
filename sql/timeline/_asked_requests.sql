-- One row per answered request that is no write and that a user's rule asks for, as a fact: reads, and what connects to an object.
-- inputs: audit_events[0h, 0h], wanted_requests
with requests as not materialized (
    select * replace (coalesce(impersonated_user, "user") as "user")
    from audit_events
    where
        stage in ('ResponseComplete', 'Panic') and not is_dry_run and resource is not null and verb not in ('create', 'update', 'patch', 'delete', 'deletecollection')
        and exists (from wanted_requests)
),
asked as (
    select requests.*
    from requests
    semi join wanted_requests as asked
        on (asked.verb is null or asked.verb = requests.verb) and (asked.resource is null or asked.resource = requests.resource)
        and (asked.subresource is null or asked.subresource = coalesce(requests.subresource, ''))
    qualify row_number() over (partition by requests.audit_id, requests.stage, requests.stage_at, requests.request_uri, requests.source_ip order by requests.source_id, requests.source_line) = 1
)
select
    'audit' as origin, 'audit' as source, kind_of(resource) as kind, cluster, namespace, name, uid, 'request' as fact, connected_container(subresource, request_uri) as key, "user" as value,
    null as detail, status_reason as reason, status_message as message, code, null::bigint as count,
    least(received_at, stage_at) as lower_at, stage_at as upper_at, stage_at as observed_at, stage_at as last_observed_at, stage_at as partition_at, true as is_dated, 'audit' as at_source,
    user_agent as actor, "user", null as node, resource_version, source_id, source_line, audit_id as epoch, resource, subresource, verb, api_group,
from asked
