-- How often each error code and each value of each dimension met in an hour, and how many deliveries touched the value at all.
-- inputs: deliveries[0h, 0h]
--
-- A row without an error code is the exposure: all deliveries that touched the value, failed or not.
-- Every code of a delivery counts, that of a slow or unsettled success too: a node that makes pods slow is worth finding.
-- What was deleted before it was ready, with no error, failed nowhere; nor did a create in a namespace that is going away.
with failures as (
    select
        *,
        case when error_code not in ('DeletedBeforeReady', 'NamespaceTerminating') then error_code end as failure,
        -- The part before the first slash is a host if it looks like one; else the image is Docker Hub's.
        list_distinct(list_transform(images, lambda image: case
            when regexp_matches(image, '^([^/]*[.:][^/]*|localhost)/') then split_part(image, '/', 1)
            else 'docker.io'
        end)) as registries,
    from deliveries
),
touched as (
    select
        cluster, hour_of(started_at) as bucket_at, kind, failure, started_at, uid,
        unnest(
            [struct_pack(dimension := 'node', value := node, is_first := true)]
            || [struct_pack(dimension := 'namespace', value := namespace, is_first := true)]
            -- A bare pod is a workload of one: nothing can gather there.
            || [struct_pack(dimension := 'workload', value := namespace || '/' || owner_kind || '/' || owner_name, is_first := true)]
            || [struct_pack(dimension := 'zone', value := zone, is_first := true)]
            || [struct_pack(dimension := 'kubelet_version', value := kubelet_version, is_first := true)]
            || [struct_pack(dimension := 'storage_class', value := storage_class, is_first := true)]
            || coalesce(list_transform(list_distinct(images), lambda image, i: struct_pack(dimension := 'image', value := image, is_first := i = 1)), [])
            || coalesce(list_transform(registries, lambda registry, i: struct_pack(dimension := 'registry', value := registry, is_first := i = 1)), []),
            recursive := true
        ),
    from failures
),
exposures as (
    select
        cluster, bucket_at, kind, dimension, value, cast(null as varchar) as error_code,
        count(*) as deliveries,
        -- A delivery touches several images: counted at the first only, it is counted once in the dimension.
        count(*) filter (is_first) as distinct_deliveries,
        cast(null as timestamptz) as first_at,
        cast(null as timestamptz) as last_at,
        cast(null as struct(started_at timestamptz, uid varchar)[]) as samples,
    from touched
    where value is not null
    group by all
),
failed as (
    select
        cluster, bucket_at, kind, dimension, value, failure as error_code,
        count(*) as deliveries,
        count(*) filter (is_first) as distinct_deliveries,
        min(started_at) as first_at,
        max(started_at) as last_at,
        min(struct_pack(started_at, uid), 5) filter (uid is not null) as samples,
    from touched
    where value is not null and failure is not null
    group by all
)
from exposures
union all
from failed
