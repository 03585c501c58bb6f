-- One row per tracked pod whose removal no request shows by itself: an accepted delete of a pod that nothing had to stop, or a name that was given anew.
-- inputs: _tracked_pods, _tracked_facts, _sightings, _unheard, hyper_events[-24h, +24h]
with asked as (
    select delivery_id, min("at") as "at", arg_min(lower_at, ("at", lower_at)) as lower_at, arg_min(uncertainty_ms, ("at", uncertainty_ms)) as uncertainty_ms
    from _tracked_facts
    where operation = 'pod:delete:accepted'
    group by delivery_id
),
told as (
    select distinct delivery_id from _tracked_facts where operation = 'pod:deleted'
),
untold as (
    select asked.*, pods.uid, pods.kind, pods.namespace, pods.name, pods.node, pods.finalizers, asked.at + to_microseconds((asked.uncertainty_ms * 1000)::bigint) as answered_at
    from asked
    inner join _tracked_pods as pods using (delivery_id)
    anti join told using (delivery_id)
),
history as (
    select
        untold.delivery_id,
        bool_or(facts.operation = 'pod:bound' and facts.at <= untold.answered_at) as is_bound,
        bool_or(facts.operation in ('pod:phase:Succeeded', 'pod:phase:Failed') and facts.at <= untold.answered_at) as has_ended,
        bool_or(facts.operation = 'pod:create:accepted') as is_create_seen,
        coalesce(list_distinct(list(facts.subject) filter (facts.operation = 'finalizer:removed')), []) as removed_finalizers,
        max(facts.at) filter (facts.operation = 'finalizer:removed') as unheld_at,
    from untold
    inner join hyper_events as facts on facts.uid = untold.uid and facts.kind = 'Pod'
    group by untold.delivery_id
),
-- What finalizers held went with the last of them.
at_once as (
    select untold.delivery_id, greatest(untold.answered_at, coalesce(history.unheld_at, untold.answered_at)) as "at", untold.lower_at, 'audit' as at_source
    from untold
    inner join history using (delivery_id)
    inner join _sightings as sightings using (delivery_id)
    left join _unheard as unheard using (delivery_id)
    where
        (history.has_ended or (history.is_create_seen and not history.is_bound and untold.node is null and not sightings.lacks_bindings and coalesce(len(unheard.scheduling_gaps), 0) = 0))
        and list_has_all(history.removed_finalizers, coalesce(untold.finalizers, []))
),
-- A name is given anew only when the pod that had it is gone.
renamed as (
    select untold.delivery_id, min(facts.at) as "at", any_value(untold.lower_at) as lower_at, 'audit' as at_source
    from untold
    inner join hyper_events as facts
        on facts.kind = 'Pod' and facts.operation = 'pod:create:accepted' and facts.namespace = untold.namespace and facts.name = untold.name and facts.uid <> untold.uid
        and facts.at > untold.answered_at
    group by untold.delivery_id
)
select * from at_once
union all
select * from renamed anti join at_once using (delivery_id)
