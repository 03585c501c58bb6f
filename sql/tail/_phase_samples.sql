-- One row per delivery and phase: the time that the phase took, however many rows of it ran side by side. Also per image for image pulls.
-- inputs: phases[0h, 0h], deliveries[0h, 0h]
--
-- The pseudo-phases `total`, `platform` and `user` are those of the whole delivery, finished once it is delivered; `queue` is a phase already.
-- A sample is finished when one row of the phase ended well and none is open; what only failed is neither finished nor censored.
-- Static pods start before their mirror is created and refused creates never start, so neither says how long anything takes.
with measured as (
    select
        cluster, delivery_id, hour_of(started_at) as bucket_at, kind, namespace, node, size_class,
        -- A bare pod is a workload of one: no distribution.
        namespace || '/' || owner_kind || '/' || owner_name as workload,
        state, total_s, platform_s, user_s,
    from deliveries
    where is_static is distinct from true and uid is not null
),
-- `image` is empty for the pod's phase as a whole.
stretches as (
    select delivery_id, phase, '' as image, started_at, ended_at, duration_s, status
    from phases
    union all
    select delivery_id, phase, image, started_at, ended_at, duration_s, status
    from phases
    where phase = 'image_pull' and image is not null
),
grouped as (
    select
        delivery_id, phase, image,
        count(*) as stretches,
        any_value(duration_s) as duration_s,
        bool_or(status = 'open') as is_open,
        bool_or(status = 'ok') as is_ok,
    from stretches
    group by all
),
-- Containers work side by side: each stretch adds only what lies after the furthest end so far.
beyond as (
    select
        delivery_id, phase, image, ended_at,
        greatest(started_at, max(ended_at) over (
            partition by delivery_id, phase, image order by started_at, ended_at rows between unbounded preceding and 1 preceding
        )) as from_at,
    from stretches
    semi join (from grouped where stretches > 1) using (delivery_id, phase, image)
),
covered as (
    select delivery_id, phase, image, sum(greatest(epoch_us(ended_at) - epoch_us(from_at), 0)) / 1e6 as covered_s
    from beyond
    group by all
),
phase_samples as (
    select
        delivery_id, phase, nullif(image, '') as image, is_ok and not is_open as is_finished,
        -- A phase of one stretch keeps its duration as it is, a negative one too.
        case when stretches = 1 then duration_s else covered_s end as duration_s,
    from grouped
    left join covered using (delivery_id, phase, image)
    where is_ok or is_open
),
whole_samples as (
    select
        delivery_id,
        unnest(['total', 'platform', 'user']) as phase,
        cast(null as varchar) as image,
        state = 'delivered' as is_finished,
        unnest([total_s, platform_s, user_s]) as duration_s,
    from measured
)
select
    cluster, bucket_at, kind, samples.phase, namespace, node, workload, size_class, samples.image,
    samples.is_finished,
    samples.duration_s,
from (from phase_samples union all from whole_samples) as samples
join measured using (delivery_id)
where samples.duration_s is not null or not samples.is_finished
