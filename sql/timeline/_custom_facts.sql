-- One row per record of the user's own logs, as a fact that rules may name; `fact` is the name of its mapping.
-- inputs: custom_records[0h, 0h]
with uncertain as (
    select *, to_microseconds((uncertainty_ms * 1000)::bigint) as margin from custom_records
)
select
    'record' as origin, 'custom' as source, kind, cluster, namespace, name, uid, records as fact, key, value, detail, reason, message, code, null::bigint as count,
    -- The clock of another system may be off either way.
    recorded_at - margin as lower_at, recorded_at + margin as upper_at,
    recorded_at as observed_at, recorded_at as last_observed_at, recorded_at as partition_at, true as is_dated,
    'record' as at_source, records as actor, null as "user", node, null::bigint as resource_version, source_id, source_line,
    concat_ws('/', epoch_us(recorded_at), reason, code) as epoch,
from uncertain
