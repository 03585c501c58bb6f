-- Where each error code gathers: the strongest value of each dimension, then the next ones, with the odds that it is chance.
-- inputs: error_clusters_hourly, error_clusters_daily
-- Parameters: $length, `hour` or `day`; $per_code rows of each code at most.
with chosen as (
    select *
    from (
        select 'day' as length, * from error_clusters_daily
        union all
        select 'hour' as length, * from error_clusters_hourly
    )
    where length = $length
),
ranked as (
    select
        *,
        coalesce(q_value < 0.05, false) as is_cluster,
        row_number() over (partition by kind, error_code, dimension order by q_value nulls last, failures desc, value, bucket_at) as position_in_dimension,
    from chosen
)
select
    bucket_at, kind, error_code, dimension, value, failures, exposure, rate, rate_elsewhere, lift, q_value, first_at, last_at,
    is_cluster,
    count(*) filter (is_cluster) over (partition by kind, error_code) as clusters_of_code,
    min(q_value) over (partition by kind, error_code) as best_q_value,
from ranked
qualify row_number() over (
    partition by kind, error_code, is_cluster order by position_in_dimension, q_value nulls last, failures desc, dimension, value, bucket_at
) <= case when is_cluster then $per_code else 1 end
order by best_q_value nulls last, error_code, kind, q_value nulls last, failures desc, dimension, value, bucket_at
