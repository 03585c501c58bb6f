-- One row per pod, name and hour with the span in which it was seen there: what resolves a name to the UID alive at a time.
-- inputs: pods[-168h, +1h], audit_events[0h, +1h], k8s_events[0h, +1h], _requested_pods
with seen as (
    select namespace, name, uid, first_seen_at as from_at, seen_at as to_at from pods
    union all
    select namespace, name, uid, received_at, seen_at from _requested_pods
    union all
    select namespace, name, uid, stage_at, stage_at from audit_events
    where resource = 'pods' and uid is not null and name is not null and not is_dry_run and code between 200 and 299
    union all
    select involved_namespace, involved_name, involved_uid, partition_at, partition_at from k8s_events
    where involved_kind = 'Pod' and length(involved_uid) = 36
)
-- By the hour, so that it does not matter which hours are computed together.
select namespace, name, uid, min(from_at) as from_at, max(to_at) as to_at
from seen
group by namespace, name, uid, hour_of(from_at)
