-- One row per PersistentVolumeClaim whose binding starts in the hours: when it was created, or when the consumer came that it waits for.
-- inputs: hyper_events[-24h, +24h], objects[-168h, +1h], pods[-168h, +24h], coverage[-24h, +1h], delivery_settings, params
with shown as (
    select
        uid, any_value(namespace) as namespace, any_value(name) as name, min(creation_at) as created_at,
        arg_min(storage_class, (resource_version, observed_at, storage_class)) filter (storage_class is not null) as storage_class,
        arg_min(controller, (resource_version, observed_at)) filter (controller is not null) as controller,
    from (
        select
            uid, namespace, name, resource_version, observed_at, body.metadata.creationTimestamp as creation_at, body.spec.storageClassName as storage_class,
            list_filter(coalesce(body.metadata.ownerReferences, []), lambda o: o.controller)[1] as controller,
        from (
            select * replace (from_json(body, '{
                "metadata": {"creationTimestamp": "TIMESTAMPTZ", "ownerReferences": [{"kind": "VARCHAR", "name": "VARCHAR", "uid": "VARCHAR", "controller": "BOOLEAN"}]},
                "spec": {"storageClassName": "VARCHAR"}
            }') as body)
            from objects
            where kind = 'PersistentVolumeClaim'
        )
    )
    group by uid
),
-- A claim whose answers the log does not hold is known by its create, and by the UID that is told of its name next.
named as (
    select
        namespace, name, "at", subject as storage_class, lead("at") over (partition by namespace, name order by "at") as next_at,
        struct_pack(uncertainty_ms := uncertainty_ms, source := at_source, "user" := "user") as accepted,
    from hyper_events
    where operation = 'pvc:create:accepted' and uid is null and name is not null
),
requested as (
    select
        coalesce(arg_min(facts.uid, (facts.at, facts.uid)), 'name:' || named.namespace || '/' || named.name || '@' || epoch_us(named.at)) as uid,
        named.namespace, named.name, named.at as accepted_at, any_value(named.accepted) as accepted, any_value(named.storage_class) as storage_class,
    from named
    left join hyper_events as facts
        on facts.kind = 'PersistentVolumeClaim' and facts.uid is not null and facts.namespace = named.namespace and facts.name = named.name
        and facts.at >= named.at and facts.at < coalesce(named.next_at, 'infinity')
    group by named.namespace, named.name, named.at
),
known as (
    select *, false as is_requested from shown
    union all by name
    select uid, namespace, name, storage_class, accepted_at as requested_at, accepted as requested, true as is_requested from requested anti join shown using (uid)
),
facts as (
    select
        uid,
        min("at") filter (operation = 'pvc:create:accepted') as accepted_at,
        arg_min(struct_pack(uncertainty_ms := uncertainty_ms, source := at_source, "user" := "user"), ("at", uncertainty_ms, at_source, "user")) filter (operation = 'pvc:create:accepted') as accepted,
        min("at") filter (operation = 'pvc:bound') as bound_at,
        -- The volume controller says which claims wait; the scheduler leaves its choice of a node on those that it provisions.
        count(*) filter (operation in ('event:WaitForFirstConsumer', 'event:WaitForPodScheduled', 'pvc:node_selected')) > 0 as is_waiting,
    from hyper_events
    where kind = 'PersistentVolumeClaim' and uid is not null
    group by uid
),
claims as (
    select
        known.* exclude (requested_at, requested), coalesce(facts.accepted_at, known.requested_at) as accepted_at, coalesce(facts.accepted, known.requested) as accepted,
        facts.bound_at, coalesce(facts.is_waiting, false) as is_waiting, coalesce(facts.accepted_at, known.requested_at, known.created_at) as asked_at,
    from known
    left join facts using (uid)
    where coalesce(facts.accepted_at, known.requested_at, known.created_at) is not null
),
pod_facts as (
    select
        uid, min("at") filter (operation = 'pod:create:accepted') as accepted_at, max("at") filter (operation = 'pod:ungated') as ungated_at,
        count(distinct subject) filter (operation = 'pod:gated') > count(distinct subject) filter (operation = 'pod:ungated') as is_gated,
    from hyper_events
    where operation in ('pod:create:accepted', 'pod:gated', 'pod:ungated') and uid is not null
    group by uid
),
consumers as (
    select
        pods.uid, pods.namespace, pods.claim, min(pods.created_at) as created_at, max(pods.seen_at) as seen_at,
        arg_max(struct_pack(kind := pods.owner_kind, name := pods.owner_name), (pods.owner_kind is not null, -epoch_us(pods.seen_at))) as owner,
    from (select *, unnest(claims) as claim from pods) as pods
    group by pods.uid, pods.namespace, pods.claim
),
-- The first pod of the claim's lifetime that may be scheduled with it.
first_consumers as (
    select
        claims.uid,
        arg_min(
            struct_pack(uid := consumers.uid, owner := consumers.owner, "at" := coalesce(pod_facts.ungated_at, pod_facts.accepted_at, consumers.created_at)),
            (coalesce(pod_facts.ungated_at, pod_facts.accepted_at, consumers.created_at), consumers.uid)
        ) as consumer,
    from claims
    inner join consumers on consumers.namespace = claims.namespace and consumers.claim = claims.name and consumers.seen_at >= claims.asked_at
    left join pod_facts on pod_facts.uid = consumers.uid
    where not coalesce(pod_facts.is_gated, false)
    group by claims.uid
),
starts as (
    select
        claims.*, first_consumers.consumer,
        claims.is_waiting and coalesce(claims.bound_at >= first_consumers.consumer.at, true) as waits_for_consumer,
        -- Without a consumer there is nothing to do yet.
        case
            when claims.is_waiting and coalesce(claims.bound_at >= first_consumers.consumer.at, true) then case when first_consumers.consumer.at is not null then greatest(claims.asked_at, first_consumers.consumer.at) end
            else claims.asked_at
        end as started_at,
    from claims
    left join first_consumers using (uid)
)
select
    params.cluster, 'pvc_bind' as kind, md5(concat_ws('|', params.cluster, 'pvc_bind', starts.uid)) as delivery_id,
    starts.uid, starts.namespace, starts.name, starts.storage_class, starts.started_at, starts.waits_for_consumer,
    starts.started_at = starts.asked_at as is_started_by_create,
    case when starts.started_at > starts.asked_at then 0.0 when starts.accepted_at is not null then starts.accepted.uncertainty_ms else 1000.0 end as started_uncertainty_ms,
    case when starts.started_at > starts.asked_at or starts.accepted_at is not null then 'audit' else 'object' end as started_source,
    starts.started_at = starts.asked_at and starts.accepted_at is null as left_censored,
    starts.accepted.user as "user",
    starts.consumer.uid as consumer_uid, starts.controller.kind as controller_kind, starts.controller.name as controller_name, starts.controller.uid as controller_uid,
    -- Claims of a StatefulSet have no owner: whoever consumes them does.
    coalesce(starts.consumer.owner.kind, starts.controller.kind) as owner_kind, coalesce(starts.consumer.owner.name, starts.controller.name) as owner_name,
    starts.started_at + to_seconds(settings.track_bind_s) as window_end_at,
    -- Nothing in this hour's log could have said that it was bound: it tells of no claim, or of nothing that the cluster itself does.
    (starts.is_requested and coalesce(not covered.has_claims, false)) or coalesce(covered.is_telling and not covered.has_kubelets, false) as is_unseen,
    coalesce(covered.is_telling and not covered.has_events, false) as lacks_events,
    params.watermark_at,
from starts
cross join params
cross join delivery_settings as settings
left join (
    select
        bucket_at,
        bool_or(is_covered) filter (fact = 'pvcs') as has_claims, bool_or(is_covered) filter (fact = 'kubelets') as has_kubelets, bool_or(is_covered) filter (fact = 'events') as has_events,
        -- A short log proves nothing by its silence.
        coalesce(sum(rows_seen) filter (fact = 'api_calls') >= 100, false) as is_telling,
    from coverage
    group by bucket_at
) as covered on covered.bucket_at = hour_of(starts.started_at)
where starts.started_at >= params.from_at and starts.started_at < params.to_at
