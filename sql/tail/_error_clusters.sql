-- Each error code at each value of each dimension, per hour and per day, against the code's rate elsewhere.
-- inputs: _error_counts
--
-- Elsewhere is every delivery that has a value of the dimension but not this one, so that the two sides share nothing.
-- Where the code has not been seen elsewhere, the tail is taken at 1/(exposure elsewhere + 2), Laplace's rule of succession: a
-- rate of 0 would call a single failure impossible, though nothing seen in n deliveries only says that the rate is about 1/n.
-- The q value is Benjamini and Hochberg's (1995) over all pairs of code and value that the bucket could have shown, those without
-- a failure too (their p value is 1): of a thousand workloads with one delivery each, ten failed ones are no clusters.
with bucketed as (
    select 'hour' as length, * from _error_counts
    union all
    select 'day' as length, * replace (date_trunc('day', bucket_at) as bucket_at) from _error_counts
),
counts as (
    select
        length, cluster, bucket_at, kind, dimension, value, error_code,
        sum(deliveries) as deliveries,
        sum(distinct_deliveries) as distinct_deliveries,
        min(first_at) as first_at,
        max(last_at) as last_at,
        list_transform(list_sort(flatten(list(samples) filter (samples is not null)))[1:5], lambda sample: sample.uid) as sample_uids,
    from bucketed
    group by all
),
dimensions as (
    select length, cluster, bucket_at, kind, dimension, sum(distinct_deliveries) as exposure
    from counts
    where error_code is null
    group by all
),
values_touched as (
    select length, cluster, bucket_at, kind, dimension, value, deliveries as exposure, dimensions.exposure - deliveries as exposure_elsewhere
    from counts
    join dimensions using (length, cluster, bucket_at, kind, dimension)
    where error_code is null
),
codes as (
    select length, cluster, bucket_at, kind, dimension, error_code, sum(distinct_deliveries) as failures
    from counts
    where error_code is not null
    group by all
),
-- Every code that a dimension shows could have met every value that has an elsewhere.
hypotheses as (
    select length, cluster, bucket_at, sum(codes_seen * values_compared) as hypotheses
    from (select length, cluster, bucket_at, kind, dimension, count(*) as codes_seen from codes group by all)
    join (select length, cluster, bucket_at, kind, dimension, count(*) as values_compared from values_touched where exposure_elsewhere > 0 group by all)
        using (length, cluster, bucket_at, kind, dimension)
    group by all
),
compared as (
    select
        length, cluster, bucket_at, kind, error_code, dimension, value,
        deliveries as failures,
        exposure,
        deliveries / exposure as rate,
        exposure_elsewhere,
        (codes.failures - deliveries) / nullif(exposure_elsewhere, 0) as rate_elsewhere,
        first_at,
        last_at,
        coalesce(sample_uids, []) as sample_uids,
    from counts
    join values_touched using (length, cluster, bucket_at, kind, dimension, value)
    join codes using (length, cluster, bucket_at, kind, dimension, error_code)
),
tested as (
    select
        *,
        binomial_tail(
            cast(failures as bigint),
            cast(exposure as bigint),
            case when rate_elsewhere = 0 then 1 / (exposure_elsewhere + 2) else rate_elsewhere end
        ) as p_value,
    from compared
),
ranked as (
    select
        *,
        count(*) over (partition by length, cluster, bucket_at order by p_value nulls last range between unbounded preceding and current row) as p_rank,
    from tested
    left join hypotheses using (length, cluster, bucket_at)
)
select
    * exclude (exposure_elsewhere, hypotheses, p_rank),
    rate / nullif(rate_elsewhere, 0) as lift,
    case when p_value is not null then least(1, min(p_value * hypotheses / p_rank) over (
        partition by length, cluster, bucket_at order by p_value nulls last range between current row and unbounded following
    )) end as q_value,
from ranked
