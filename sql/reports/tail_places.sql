-- Where the deliveries of the tail gather: values of node, image, namespace and workload that they touch more often than others do.
-- inputs: _delivered
--
-- The p value is the exact binomial tail at the share elsewhere, multiplied by the values compared (Bonferroni).
with touched as (
    select
        kind, is_tail, delivery_id,
        unnest(
            [struct_pack(dimension := 'node', value := node), struct_pack(dimension := 'namespace', value := namespace),
             struct_pack(dimension := 'workload', value := workload)]
            || coalesce(list_transform(list_distinct(images), lambda image: struct_pack(dimension := 'image', value := image)), []),
            recursive := true
        ),
    from _delivered
    where level is not null
),
totals as (
    select kind, count(*) as deliveries, count(*) filter (is_tail) as tail
    from _delivered
    group by kind
),
counted as (
    select kind, dimension, value, count(*) as exposure, count(*) filter (is_tail) as slow
    from touched
    where value is not null
    group by all
),
compared as (
    select
        *,
        slow / exposure as share,
        (tail - slow) / nullif(deliveries - exposure, 0) as share_elsewhere,
        deliveries - exposure as exposure_elsewhere,
        count(*) over (partition by kind) as values_compared,
    from counted
    join totals using (kind)
),
tested as (
    select
        *,
        least(1, values_compared * binomial_tail(
            cast(slow as bigint), cast(exposure as bigint),
            case when share_elsewhere = 0 then 1 / (exposure_elsewhere + 2) else share_elsewhere end
        )) as p_value,
    from compared
    where slow >= 3 and exposure_elsewhere > 0
)
select kind, dimension, value, slow, exposure, share, share_elsewhere, share / nullif(share_elsewhere, 0) as lift, p_value
from tested
where p_value < 0.05
qualify row_number() over (partition by kind order by p_value, slow desc, dimension, value) <= $places
order by kind, p_value, slow desc, dimension, value
