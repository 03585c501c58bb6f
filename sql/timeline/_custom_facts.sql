-- One row per record of the user's own logs, as a fact that rules may name; `fact` is the name of its mapping. A record that says its end is two facts, the other is `<name>:end`.
-- Whose pod is named by what it had then is one fact about each pod that had it, or about none.
-- inputs: custom_records[0h, 0h], _record_pods
with uncertain as (
    select
        records.* replace (
            coalesce(pods.uid, records.uid) as uid, coalesce(pods.namespace, records.namespace) as namespace, coalesce(pods.name, records.name) as name, coalesce(records.node, pods.node) as node
        ),
        to_microseconds((uncertainty_ms * 1000)::bigint) as margin,
    from custom_records as records
    left join _record_pods as pods using (source_id, source_line)
),
edges as (
    select *, records as fact, recorded_at as edge_at, coalesce(ended_at, recorded_at) as last_edge_at from uncertain
    union all by name
    select *, records || ':end' as fact, ended_at as edge_at, ended_at as last_edge_at from uncertain where ended_at is not null
)
select
    'record' as origin, 'custom' as source, kind, cluster, namespace, name, uid, fact, key, value, detail, reason, message, code, null::bigint as count,
    -- The clock of another system may be off either way.
    edge_at - margin as lower_at, edge_at + margin as upper_at,
    -- Both edges are of the record's hour, so that it does not matter which hours are computed together.
    recorded_at as observed_at, last_edge_at as last_observed_at, recorded_at as partition_at, true as is_dated,
    'record' as at_source, records as actor, null as "user", node, null::bigint as resource_version, source_id, source_line,
    concat_ws('/', epoch_us(recorded_at), reason, code) as epoch,
from edges
