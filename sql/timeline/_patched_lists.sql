-- One row per finalizer or scheduling gate that a write adds or takes away whose answer the log does not hold.
-- inputs: _pod_versions, pods[-168h, 0h]
with patches as (
    select
        *,
        from_json(patch, '{
            "metadata": {"finalizers": ["VARCHAR"], "$deleteFromPrimitiveList/finalizers": ["VARCHAR"], "$setElementOrder/finalizers": ["VARCHAR"]},
            "spec": {"schedulingGates": [{"name": "VARCHAR", "$patch": "VARCHAR"}], "$setElementOrder/schedulingGates": [{"name": "VARCHAR"}]}
        }') as said,
        -- A write that gives the object whole, or empties the list, leaves nothing out.
        (verb in ('create', 'update') and subresource is null) or json_extract(patch, '$.metadata.finalizers')::varchar in ('null', '[]') as is_all_finalizers,
        (verb in ('create', 'update') and subresource is null) or json_extract(patch, '$.spec.schedulingGates')::varchar in ('null', '[]') as is_all_gates,
    from _pod_versions
    where is_partial and coalesce(subresource <> 'status', true) and (contains(patch, 'finalizers') or contains(patch, 'schedulingGates') or verb = 'update')
),
listed as (
    select
        * exclude (said),
        coalesce(said.metadata."$setElementOrder/finalizers", if(is_all_finalizers, coalesce(said.metadata.finalizers, []), null)) as all_finalizers,
        coalesce(said.metadata.finalizers, []) as some_finalizers,
        coalesce(said.metadata."$deleteFromPrimitiveList/finalizers", []) as no_finalizers,
        coalesce(list_transform(said.spec."$setElementOrder/schedulingGates", lambda g: g.name), if(is_all_gates, list_transform(list_filter(coalesce(said.spec.schedulingGates, []), lambda g: g."$patch" is null), lambda g: g.name), null)) as all_gates,
        list_transform(list_filter(coalesce(said.spec.schedulingGates, []), lambda g: g."$patch" is null), lambda g: g.name) as some_gates,
        list_transform(list_filter(coalesce(said.spec.schedulingGates, []), lambda g: g."$patch" = 'delete'), lambda g: g.name) as no_gates,
    from patches
),
-- What the lists held before: as of the pod's last whole version, its create, or an earlier hour.
wholes as (
    select uid, observed_at as known_at, coalesce(metadata.finalizers, []) as finalizers, list_transform(coalesce(spec.schedulingGates, []), lambda g: g.name) as gates
    from _pod_versions
    where not is_partial or (verb in ('create', 'update') and subresource is null)
    union all
    select uid, hour_of(seen_at) + interval 1 hour, coalesce(finalizers, []), coalesce(scheduling_gates, []) from pods
),
known as (
    select listed.*, coalesce(wholes.finalizers, []) as finalizers_before, coalesce(wholes.gates, []) as gates_before
    from listed
    asof left join (select uid, known_at, arg_min(finalizers, finalizers) as finalizers, arg_min(gates, gates) as gates from wholes group by uid, known_at) as wholes
        on wholes.uid = listed.uid and wholes.known_at < listed.observed_at
),
changes as (
    select known.*, unnest([
        {'fact': 'finalizer_added', 'keys': list_filter(some_finalizers, lambda f: not list_contains(finalizers_before, f))},
        {'fact': 'finalizer_removed', 'keys': list_distinct(no_finalizers || if(all_finalizers is null, [], list_filter(finalizers_before, lambda f: not list_contains(all_finalizers, f))))},
        {'fact': 'gated', 'keys': list_filter(some_gates, lambda g: not list_contains(gates_before, g))},
        {'fact': 'ungated', 'keys': list_distinct(no_gates || if(all_gates is null, [], list_filter(gates_before, lambda g: not list_contains(all_gates, g))))}
    ]) as change
    from known
)
select
    changes.* exclude (
        change, is_all_finalizers, is_all_gates, all_finalizers, some_finalizers, no_finalizers, all_gates, some_gates, no_gates, finalizers_before, gates_before
    ),
    change.fact as fact, unnest(list_sort(change.keys)) as key,
from changes
