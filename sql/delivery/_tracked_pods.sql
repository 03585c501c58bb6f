-- One row per pod delivery that starts in the hours: creates (accepted, or seen later: left_censored), deletes and upgrades in place.
-- inputs: hyper_events[-24h, +24h], pods[-168h, +24h], log_gaps[-24h, +1h], _changes, delivery_settings, params
with accepted as (
    select
        uid, any_value(namespace) as namespace, any_value(name) as name, min("at") as "at",
        arg_min(struct_pack(uncertainty_ms := uncertainty_ms, source := at_source, "user" := "user"), ("at", uncertainty_ms, at_source, "user")) as first,
    from hyper_events, params
    where operation = 'pod:create:accepted' and hyper_events.at >= params.from_at - interval 1 hour and uid is not null
    group by uid
),
known as (
    select uid, any_value(namespace) as namespace, any_value(name) as name, min(created_at) as created_at
    from pods
    group by uid
),
creates as (
    select 'pod_create' as kind, uid, namespace, name, "at" as started_at, first.uncertainty_ms as started_uncertainty_ms, first.source as started_source, first.user as "user", false as left_censored
    from accepted
    union all
    select 'pod_create', uid, namespace, name, created_at, 1000.0, 'object', null, true
    from known anti join accepted using (uid)
    where created_at is not null
),
-- What a kubelet deletes has ended already: somebody else had asked for it, which the log may lack and the object tell.
delete_facts as (
    select *, coalesce("user" like 'system:node:%', false) and operation = 'pod:delete:accepted' as is_kubelets, not is_kubelets or bool_and(is_kubelets) over (partition by uid) as is_asked
    from hyper_events
    where operation in ('pod:delete:accepted', 'pod:delete:seen') and uid is not null
),
-- The kubelet's own delete at the end, and deletes that are repeated, start nothing: the first one does.
asked as (
    select
        uid, any_value(namespace) as namespace, any_value(name) as name, min(if(operation = 'pod:delete:seen', "at" - to_microseconds((uncertainty_ms * 1000)::bigint), "at")) filter (is_asked) as "at",
        arg_min(struct_pack(operation := operation, uncertainty_ms := uncertainty_ms, source := at_source, "user" := "user"), (operation = 'pod:delete:seen', "at", uncertainty_ms, at_source, "user")) filter (is_asked) as first,
        min("at") filter (operation = 'pod:delete:accepted' and is_asked) as accepted_at,
        arg_min(subject, ("at", subject)) filter (operation = 'pod:delete:accepted') as accepted_grace,
        bool_and(is_kubelets) as is_kubelets,
    from delete_facts
    group by uid
),
deletes as (
    select
        'pod_delete' as kind, uid, namespace, name,
        -- The request's own time (µs) beats the second that the object keeps, if it can be the same request.
        case when accepted_at < "at" + interval 2 second then accepted_at else "at" end as started_at,
        case when accepted_at < "at" + interval 2 second then first.uncertainty_ms else 1000.0 end as started_uncertainty_ms,
        case when accepted_at < "at" + interval 2 second then first.source else 'object' end as started_source,
        first.user as "user",
        is_kubelets as is_start_unknown,
        try_cast(accepted_grace as double) as asked_grace_s,
        is_kubelets or coalesce(accepted_at >= "at" + interval 2 second, true) as left_censored,
    from asked
),
upgrades as (
    select
        'pod_upgrade' as kind, uid, change_key, namespace, name, started_at, started_uncertainty_ms, started_source, "user", not is_write as left_censored,
        changes, changed, answered_at, superseded_at,
    from _changes
),
starts as (
    select *, md5(concat_ws('|', params.cluster, kind, uid, change_key)) as delivery_id
    from (
        select * from creates
        union all by name
        select * from deletes
        union all by name
        select * from upgrades
    )
    cross join params
    where started_at >= params.from_at and started_at < params.to_at
),
-- The attributes as they were in the hour of the start, or as soon as they were seen: never by what the pod became hours later.
attributes as (
    select
        starts.delivery_id,
        arg_min(pods.seen_at, (pods.container_names is null, hour_of(pods.seen_at) > hour_of(starts.started_at), abs(epoch(pods.seen_at) - epoch(starts.started_at)), pods.seen_at)) as seen_at,
    from starts
    inner join pods using (uid)
    group by starts.delivery_id
)
select
    starts.* exclude (change_key, from_at, to_at, changed),
    -- Init containers that are done do not run again for a new image.
    list_filter(changed, lambda c: pods.uid is null or not list_contains(coalesce(pods.init_container_names, []), c.container)) as changed,
    pods.* exclude (cluster, uid, namespace, name, seen_at, first_seen_at, created_at, resource_version, container_specs, resize_state, unactuated_containers, claims, ips, scheduled_at, released_at, container_runs),
    starts.started_at
        + to_seconds(case starts.kind when 'pod_create' then settings.track_create_s when 'pod_upgrade' then settings.track_upgrade_s else settings.track_delete_s end) as window_end_at,
from starts
cross join delivery_settings as settings
left join attributes using (delivery_id)
left join pods on pods.uid = starts.uid and pods.seen_at = attributes.seen_at
where
    starts.kind <> 'pod_upgrade'
    or (
        len(list_filter(changed, lambda c: pods.uid is null or not list_contains(coalesce(pods.init_container_names, []), c.container))) > 0
        -- When it was changed, and what came of it, nobody knows if that shows only after a while in which its kubelet is not heard.
        and not (
            starts.left_censored
            and exists (from log_gaps as gaps where (gaps.scope = 'log' or (gaps.scope = 'node' and gaps.scope_value = pods.node)) and gaps.from_at < starts.started_at and gaps.to_at > coalesce(pods.created_at, starts.started_at))
        )
    )
