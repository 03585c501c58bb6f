-- Log-spaced histogram of each phase's time per delivery, per hour and scope: its sums give percentiles of any range.
-- grain: hour
-- inputs: _phase_samples
with bucketed as (
    select
        cluster, bucket_at, kind, phase, namespace, node, workload, size_class, image,
        case when duration_s > 0 then cast(ceil(ln(duration_s) / ln(1.01 / 0.99)) as bigint) else -1000000 end as bucket,
    from _phase_samples
    where is_finished
),
scoped as (
    select
        cluster, bucket_at, kind, phase, bucket,
        unnest([
            struct_pack(scope := 'cluster', scope_value := case when image is null then cluster end),
            struct_pack(scope := 'namespace', scope_value := case when image is null then namespace end),
            struct_pack(scope := 'node', scope_value := case when image is null then node end),
            struct_pack(scope := 'workload', scope_value := case when image is null then workload end),
            struct_pack(scope := 'size_class', scope_value := case when image is null then size_class end),
            struct_pack(scope := 'image', scope_value := image)
        ], recursive := true),
    from bucketed
)
select cluster, bucket_at, kind, phase, scope, scope_value, bucket, count(*) as count
from scoped
where scope_value is not null
group by all
