-- One row per fact that an API request is by itself: creates, bindings, deletes, evictions and anything that a user's rule asks for.
-- inputs: _requests, _pod_versions, _requested_pods, _collected_pods
with named as not materialized (
    select
        *,
        code between 200 and 299 as is_accepted,
        kind_of(resource) as kind,
        hash(resource, api_group, subresource, verb, code, status_reason, status_message, "user") as shape,
    from _requests
),
-- Most requests are about what no rule names, such as Events: only a request about a pod can be any other fact than that it was made.
telling as (
    select shape
    from (
        select shape, kind, resource, api_group, subresource, verb, code, status_reason, status_message, "user"
        from named
        where resource <> 'pods'
        group by all
    )
    where
        hyper_event_rule('audit', kind, 'request', resource, subresource, verb, code, status_reason, "user", status_message, api_group) is not null
        or len(custom_event_rules('audit', kind, 'request', resource, subresource, verb, code, status_reason, "user", status_message, api_group)) > 0
),
requests as (
    select * exclude (shape)
    from named
    where resource = 'pods' or shape in (from telling)
),
-- The answer's body is stored with the objects: the same source line. A create without one is known by what came of it.
answers as (
    select
        requests.* replace (coalesce(requests.uid, requested.uid) as uid, coalesce(requests.name, requested.name) as name),
        coalesce(versions.spec.schedulerName, if(requested.request_body is not null, coalesce(requested.request_body->>'$.spec.schedulerName', 'default-scheduler'), null)) as scheduler,
        coalesce(versions.spec.nodeName, if(requests.subresource = 'status', nullif(regexp_extract(requests."user", '^system:node:(.+)$', 1), ''), null)) as node,
        versions.metadata.deletionGracePeriodSeconds as grace_s,
        coalesce(requested.received_at, least(requests.received_at, requests.stage_at)) as lower_at, coalesce(requested.stage_at, requests.stage_at) as upper_at,
    from requests
    left join _pod_versions as versions on requests.resource = 'pods' and not versions.is_partial and versions.source_id = requests.source_id and versions.source_line = requests.source_line
    left join _requested_pods as requested on requested.source_id = requests.source_id and requested.source_line = requests.source_line
),
plain as (
    select
        answers.* replace (
            -- Which disruption budget refuses an eviction is told by the causes of the refusal.
            case
                when subresource = 'eviction' and not is_accepted
                then concat_ws(' ', status_message, array_to_string(list_transform(from_json(response_body, '{"details": {"causes": [{"message": "VARCHAR"}]}}').details.causes, lambda cause: cause.message), ' '))
                else status_message
            end as status_message
        ),
        'request' as fact,
        case
            when resource = 'persistentvolumeclaims' and verb = 'create' and subresource is null and is_accepted then request_body->>'$.spec.storageClassName'
            when subresource in ('exec', 'attach', 'portforward') then connected_container(subresource, request_uri)
            when resource <> 'pods' then null
            when subresource = 'binding' then request_body->>'$.target.name'
            when verb = 'create' and subresource is null and not is_accepted then concat_ws(' ', code, status_reason)
            when verb in ('create', 'patch') and subresource is null then scheduler
            when verb = 'delete' then coalesce(grace_s::varchar, request_body->>'$.gracePeriodSeconds')
            when subresource = 'eviction' then request_body->>'$.deleteOptions.gracePeriodSeconds'
        end as key,
        "user" as value,
        uid as fact_uid,
        name as fact_name,
    from answers
),
-- Items of an answer are the pods as they were before.
collection_items as (
    select
        answers.* exclude (item), item,
        from_json(item, '{
            "metadata": {"name": "VARCHAR", "uid": "VARCHAR", "finalizers": ["VARCHAR"]}, "spec": {"nodeName": "VARCHAR"}, "status": {"phase": "VARCHAR"}
        }') as pod,
    from (
        select *, unnest(from_json(response_body, '{"items": ["JSON"]}').items) as item
        from answers
        where resource = 'pods' and verb = 'deletecollection' and is_accepted and response_body is not null
    ) as answers
),
collected as (
    select * exclude (item, pod), 'delete_asked' as fact, null as key, "user" as value, pod.metadata.uid as fact_uid, pod.metadata.name as fact_name
    from collection_items
),
collected_at_once as (
    select * exclude (item, pod), 'removed' as fact, "user" as key, null as value, pod.metadata.uid as fact_uid, pod.metadata.name as fact_name
    from collection_items
    where coalesce(len(pod.metadata.finalizers), 0) = 0 and (pod.spec.nodeName is null or pod.status.phase in ('Succeeded', 'Failed'))
),
-- Without an answer a collection is told by what it meant: the pods that its namespace then had and its selector matches.
-- Pods that had gone before are left out: somebody then had to stop the rest, or nothing had to be stopped.
followed as (
    select
        answers.*, 'delete_asked' as fact, null as key, answers."user" as value, members.uid as fact_uid, members.name as fact_name,
    from answers
    inner join _collected_pods as members on members.source_id = answers.source_id and members.source_line = answers.source_line
),
evictions as (
    select * from answers where resource = 'pods' and subresource = 'eviction' and is_accepted
),
-- An eviction answers with a Status: the pod's last version before tells whether it went at once.
evicted_at_once as (
    select requests.*, 'removed' as fact, requests."user" as key, null as value, versions.uid as fact_uid, requests.name as fact_name
    from evictions as requests
    asof join (from _pod_versions semi join evictions using (namespace, name) where not is_partial) as versions
        on requests.namespace = versions.namespace and requests.name = versions.name and requests.stage_at >= versions.observed_at
    where
        len(coalesce(versions.metadata.finalizers, [])) = 0 and (versions.spec.nodeName is null or versions.status.phase in ('Succeeded', 'Failed'))
        -- A version before the binding does not know of it, nor does a log of many requests without bindings.
        and (
            versions.status.phase in ('Succeeded', 'Failed') or exists (from answers where resource = 'pods' and subresource = 'binding')
            or (select count(*) from _requests) < 100
        )
        and not exists (
            from answers as bindings
            where bindings.resource = 'pods' and bindings.subresource = 'binding' and bindings.is_accepted and bindings.namespace = requests.namespace and bindings.name = requests.name
                and bindings.stage_at >= versions.received_at and bindings.stage_at <= requests.stage_at
        )
),
-- Without an answer the kubelet's own delete is the last word on a pod, or one without grace.
last_deletes as (
    select deletes.*, creates.lower_at as next_at
    from (
        select * from answers
        where
            resource = 'pods' and subresource is null and verb = 'delete' and is_accepted and body_table is null and response_kind is null
            and ("user" like 'system:node:%' or request_body->>'$.gracePeriodSeconds' = '0')
    ) as deletes
    asof left join (from answers where resource = 'pods' and subresource is null and verb = 'create' and is_accepted) as creates
        on creates.namespace = deletes.namespace and creates.name = deletes.name and deletes.lower_at < creates.lower_at
),
-- If somebody could still write to it, a finalizer held it until then.
held as (
    select last_deletes.source_id, last_deletes.source_line, max(later.stage_at) as until_at
    from last_deletes
    inner join answers as later
        on later.namespace = last_deletes.namespace and later.name = last_deletes.name and later.lower_at > last_deletes.stage_at
        and later.stage_at < coalesce(last_deletes.next_at, 'infinity')
    where later.resource = 'pods' and later.verb in ('patch', 'update') and later.is_accepted
    group by last_deletes.source_id, last_deletes.source_line
),
removed_without_answer as (
    select
        last_deletes.* exclude (next_at) replace (coalesce(held.until_at, last_deletes.upper_at) as upper_at),
        'removed' as fact, "user" as key, null as value, uid as fact_uid, name as fact_name,
    from last_deletes
    left join held using (source_id, source_line)
),
-- A status that was written without its body in the log: what it says cannot be told, but that it was written, and by whom.
unseen as (
    select answers.*, 'unseen' as fact, 
        case when "user" like 'system:node:%' then 'kubelet' else coalesce(control_plane_part("user"), "user") end as key,
        null as value, uid as fact_uid, name as fact_name
    from answers
    where resource = 'pods' and subresource = 'status' and verb in ('patch', 'update') and is_accepted and body_table is null and request_body is null
),
facts as (
    select * from plain
    union all by name select * from collected
    union all by name select * from collected_at_once
    union all by name select * from followed
    union all by name select * from evicted_at_once
    union all by name select * from removed_without_answer
    union all by name select * from unseen
)
select
    'audit' as origin, 'audit' as source, kind, cluster, namespace, fact_name as name, fact_uid as uid, fact, key, value, null as detail,
    status_reason as reason, status_message as message, code, null::bigint as count,
    lower_at, upper_at, stage_at as observed_at, stage_at as last_observed_at, stage_at as partition_at, true as is_dated, 'audit' as at_source,
    user_agent as actor, "user", node, resource_version, source_id, source_line, case when fact <> 'unseen' then audit_id end as epoch, resource, subresource, verb, api_group,
from facts
