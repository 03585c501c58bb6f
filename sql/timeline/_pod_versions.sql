-- One row per version of a pod that the hours show, with the parts that the timeline needs, each at its first sighting.
-- inputs: objects[0h, 0h], _pod_patches
with answered as not materialized (
    select
        cluster, uid, namespace, name, resource_version, is_deleted, source_id, source_line, item, body,
        -- A List has no time of its own: its objects are known to be so only a second after the latest time that they mention.
        origin <> 'list' as is_dated,
        case origin when 'list' then objects.observed_at + interval 1 second else objects.observed_at end as observed_at,
        objects.observed_at as partition_at,
        origin = 'audit' and verb not in ('get', 'list', 'watch') as is_write,
        case when origin = 'audit' and verb not in ('get', 'list', 'watch') then received_at end as received_at,
        -- Each hour is told by what it shows itself, so that it does not matter which hours are computed together.
        hour_of(objects.observed_at) as hour_at,
        verb, subresource, actor, "user",
        case origin when 'audit' then 'audit' else 'snapshot' end as source,
        false as is_partial,
    from objects
    where kind = 'Pod'
),
-- At level Request a write is logged without its answer: the patch holds what changed, and nothing else.
patched as (
    select
        cluster, uid, namespace, name, null::bigint as resource_version, false as is_deleted, source_id, source_line, 0 as item, body, true as is_dated,
        stage_at as observed_at, stage_at as partition_at, true as is_write, received_at, hour_at, verb, subresource, actor, "user", 'audit' as source, true as is_partial,
    from _pod_patches
    where body is not null
),
sightings as not materialized (
    select * from answered
    union all by name
    select * from patched
),
-- The earliest sighting bounds the version from above; the write that made it tells who and from when. The write that removes an object
-- answers with the resourceVersion it had before, so the body is part of a version's name. Bodies are large: here they only give their hash.
first_sightings as not materialized (
    select
        cluster, uid, namespace, name, hour_at, resource_version, is_deleted, is_partial, hash(body) as body_hash,
        bool_or(is_dated) as is_dated,
        coalesce(min(observed_at) filter (is_dated), min(observed_at)) as observed_at,
        coalesce(min(partition_at) filter (is_dated), min(partition_at)) as partition_at,
        min(received_at) as received_at,
        arg_min(struct_pack(source_id, source_line, item, source), (not is_write, not is_dated, observed_at, verb, subresource, actor, "user", source_id, source_line, item)) as first,
    from sightings
    group by cluster, uid, namespace, name, hour_at, resource_version, is_deleted, is_partial, body_hash
),
numbered as (
    select
        * exclude (first, received_at), unnest(first),
        case when received_at is not null then least(received_at, observed_at) end as written_at,
        lag(observed_at) over by_version as before_at,
        row_number() over by_version as version,
        -- Of several versions that show the same, the one with the least number is the first that showed it.
        row_number() over (order by not is_dated, observed_at, first.source, resource_version, first.source_id, first.source_line, first.item, uid, body_hash) as sighting,
    from first_sightings
    window by_version as (partition by uid, namespace, name, hour_at, is_partial order by resource_version, observed_at, is_deleted, body_hash)
),
parsed as (
    select
        numbered.* exclude (body_hash, item), sightings.verb, sightings.subresource, sightings.actor, sightings."user",
        from_json(sightings.body, '{
            "metadata": {"labels": "JSON", "creationTimestamp": "TIMESTAMPTZ", "deletionTimestamp": "TIMESTAMPTZ", "deletionGracePeriodSeconds": "BIGINT", "finalizers": ["VARCHAR"]},
            "spec": {
                "nodeName": "VARCHAR", "schedulerName": "VARCHAR", "schedulingGates": [{"name": "VARCHAR"}],
                "containers": [{"name": "VARCHAR", "image": "VARCHAR", "resources": "VARCHAR"}],
                "initContainers": [{"name": "VARCHAR", "image": "VARCHAR", "resources": "VARCHAR", "restartPolicy": "VARCHAR"}],
                "ephemeralContainers": [{"name": "VARCHAR", "image": "VARCHAR"}]
            },
            "status": {
                "phase": "VARCHAR", "reason": "VARCHAR", "message": "VARCHAR", "startTime": "TIMESTAMPTZ", "nominatedNodeName": "VARCHAR", "resize": "VARCHAR",
                "conditions": [{"type": "VARCHAR", "status": "VARCHAR", "reason": "VARCHAR", "message": "VARCHAR", "lastTransitionTime": "TIMESTAMPTZ"}],
                "containerStatuses": "JSON", "initContainerStatuses": "JSON", "ephemeralContainerStatuses": "JSON"
            }
        }') as pod,
        -- What a patch leaves out is not the same as what it takes away.
        case when sightings.is_partial then sightings.body end as patch,
    from sightings
    inner join numbered
        on numbered.source_id = sightings.source_id and numbered.source_line = sightings.source_line and numbered.item = sightings.item
        and numbered.is_partial = sightings.is_partial and numbered.uid is not distinct from sightings.uid
)
select
    * exclude (pod, written_at, before_at),
    -- Without the write that made it, a version is younger than the one before it.
    written_at is not null as is_arrival_known,
    coalesce(written_at, before_at, least(pod.metadata.creationTimestamp, observed_at), observed_at) as received_at,
    pod.metadata as metadata,
    pod.spec as spec,
    pod.status as status,
from parsed
