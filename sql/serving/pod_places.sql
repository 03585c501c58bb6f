-- The objects that a UID or a name stands for, newest first, with when their deliveries were: names are used again.
-- inputs: deliveries
-- Parameters: $uid (or a delivery's id), $namespace, $name; those that are null ask for nothing.
select
    cluster, uid, namespace, name,
    min(started_at) as first_at,
    max(judged_until_at) as last_at,
    count(*) as deliveries,
from deliveries
where
    ($uid::varchar is null or uid = $uid or delivery_id = $uid)
    and ($name::varchar is null or name = $name)
    and ($namespace::varchar is null or namespace = $namespace)
group by all
order by last_at desc, cluster, uid
limit 50
