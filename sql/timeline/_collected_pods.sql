-- One row per deletecollection without an answer and pod that it deleted: a pod that its namespace then had, that its selector matches, and that was then stopped or had nothing to stop.
-- inputs: _requests, _pod_versions, _requested_pods, _identities
with collections as (
    select source_id, source_line, namespace, least(received_at, stage_at) as received_at, stage_at, request_uri
    from _requests
    where resource = 'pods' and verb = 'deletecollection' and code between 200 and 299 and response_body is null
),
-- The pod that had a name last before the collection was answered.
candidates as (
    select collections.source_id, collections.source_line, identities.namespace, identities.name, arg_max(identities.uid, (identities.from_at, identities.uid)) as uid, max(identities.from_at) as from_at
    from collections
    inner join _identities as identities on identities.namespace = collections.namespace and identities.from_at <= collections.stage_at
    group by collections.source_id, collections.source_line, identities.namespace, identities.name
),
writes as (
    select namespace, name, verb, subresource, "user", least(received_at, stage_at) as received_at, stage_at, coalesce("user" like 'system:node:%', false) as is_kubelet
    from _requests
    where resource = 'pods' and code between 200 and 299 and name is not null
),
states as (
    select
        candidates.source_id, candidates.source_line, candidates.name,
        coalesce(bool_or(writes.verb = 'delete' and writes.is_kubelet and writes.stage_at < collections.received_at), false) as was_gone,
        coalesce(bool_or(writes.verb = 'delete' and writes.is_kubelet and writes.received_at between collections.received_at and collections.received_at + interval 1 hour), false) as was_stopped,
        coalesce(bool_or((writes.subresource = 'binding' or writes.is_kubelet) and writes.stage_at <= collections.stage_at), false) as was_bound,
        any_value(collections.request_uri) as request_uri, any_value(collections.stage_at) as stage_at, any_value(candidates.uid) as uid,
    from candidates
    inner join collections using (source_id, source_line)
    left join writes on writes.namespace = candidates.namespace and writes.name = candidates.name and writes.stage_at >= candidates.from_at
    group by candidates.source_id, candidates.source_line, candidates.name
),
known as (
    select
        states.*,
        coalesce((select bool_or(versions.status.phase in ('Succeeded', 'Failed')) from _pod_versions as versions where versions.uid = states.uid and versions.observed_at <= states.stage_at), false) as had_ended,
        exists (from _requested_pods as requested where requested.uid = states.uid) or exists (from _pod_versions as versions where versions.uid = states.uid and versions.verb = 'create') as is_create_seen,
        (select arg_max(versions.metadata.labels, versions.observed_at) from _pod_versions as versions where versions.uid = states.uid and versions.metadata is not null and (not versions.is_partial or versions.verb = 'create') and versions.observed_at <= states.stage_at) as labels,
        url_decode(coalesce(nullif(regexp_extract(request_uri, '[?&]labelSelector=([^&]*)', 1), ''), '')) as label_selector,
        url_decode(coalesce(nullif(regexp_extract(request_uri, '[?&]fieldSelector=([^&]*)', 1), ''), '')) as field_selector,
    from states
)
select source_id, source_line, uid, name
from known
where
    not was_gone and (was_stopped or had_ended or (is_create_seen and not was_bound))
    and (label_selector = '' or (labels is not null and selects(label_selector, labels)))
    and (field_selector = '' or selects(field_selector, json_object('metadata.name', name)))
